// SPDX-License-Identifier: Apache-2.0
package io.e2relay.deploy.attack;

import com.google.protobuf.ByteString;
import io.e2relay.deploy.endtoend.ServiceExtension;
import io.e2relay.protocol.id.ConversationId;
import io.e2relay.protocol.id.Epoch;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.record.EpochRecord;
import io.e2relay.protocol.verify.AccountChain;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/// What an operator reads in the database.
record Ledger(ServiceExtension service) {
  List<EpochRecord> epochs(ConversationId conversation) {
    return bytes("SELECT record FROM keys.epoch_record WHERE conversation_id = ? ORDER BY epoch", conversation.bytes())
        .stream().map(Records::epoch).toList();
  }

  ByteString genesis(ConversationId conversation) {
    return bytes("SELECT genesis FROM keys.conversation WHERE conversation_id = ?", conversation.bytes()).getFirst();
  }

  EpochRecord epoch(ConversationId conversation) {
    return epochs(conversation).getLast();
  }

  /// An epoch's key as it was wrapped for a member.
  ByteString wrap(ConversationId conversation, Epoch epoch, Uid uid) {
    return bytes("SELECT wrap FROM keys.wrap WHERE epoch = %d AND encode(uid, 'hex') = '%s' AND conversation_id = ?"
        .formatted(epoch.value(), hex(uid)), conversation.bytes()).getFirst();
  }

  List<ByteString> account(Uid uid) {
    return bytes("SELECT record FROM keys.account_record WHERE uid = ? ORDER BY seq", uid.bytes());
  }

  AccountChain chain(Uid uid) {
    return Records.chain(account(uid));
  }

  /// The number of the newest entry of the log.
  long lastSeq(ConversationId conversation) {
    return rows("SELECT last_seq FROM store.head WHERE conversation_id = ?", conversation.bytes(),
        row -> row.getLong(1)).getFirst();
  }

  private List<ByteString> bytes(String question, ByteString about) {
    return rows(question, about, row -> ByteString.copyFrom(row.getBytes(1)));
  }

  private static String hex(Uid uid) {
    return HexFormat.of().formatHex(uid.bytes().toByteArray());
  }

  private interface Row<T> {
    T of(ResultSet row) throws SQLException;
  }

  private <T> List<T> rows(String question, ByteString about, Row<T> reading) {
    try (Connection sql = service.sql(service.backing().postgres());
        PreparedStatement statement = sql.prepareStatement(question)) {
      statement.setBytes(1, about.toByteArray());
      try (ResultSet rows = statement.executeQuery()) {
        List<T> all = new ArrayList<>();
        while (rows.next()) {
          all.add(reading.of(rows));
        }
        return all;
      }
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }
}
