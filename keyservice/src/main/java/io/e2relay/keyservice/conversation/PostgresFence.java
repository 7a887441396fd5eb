// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.conversation;

import static io.e2relay.keyservice.database.Columns.buffer;

import com.google.protobuf.ByteString;
import io.e2relay.keyservice.database.PostgresSession;
import io.e2relay.protocol.record.EpochRecord;
import io.e2relay.protocol.wire.Control;
import io.vertx.sqlclient.Row;
import org.jspecify.annotations.Nullable;

/// The doors to the store: the only things of another schema that the key service touches. Whoever has gone through one
/// holds the lock that every append to the conversation needs, so nothing but the commit comes behind.
public final class PostgresFence {
  private static final String FENCE = """
      SELECT last_seq, received_ms FROM store.fence($1::bytea, $2::bigint, $3::boolean, $4::bytea)""";

  private static final String NOTE = """
      SELECT last_seq, received_ms FROM store.note($1::bytea, $2::bytea)""";

  // One statement, because the record is kept with the place of the entry that opens its epoch.
  private static final String OPEN = """
      WITH place AS (SELECT f.last_seq, f.received_ms FROM store.fence($1::bytea, $2::bigint, true, $3::bytea) f)
      INSERT INTO keys.epoch_record (conversation_id, epoch, hash, record, seq, stored_ms)
      SELECT $1::bytea, $2::bigint, $4::bytea, $5::bytea, p.last_seq, p.received_ms FROM place p
      RETURNING seq AS last_seq, stored_ms AS received_ms""";

  private PostgresFence() {
  }

  /// Begins the entry's epoch, open unless the entry says that it is closed; tells the entry with its place.
  public static Control begin(PostgresSession session, Control.Builder entry) {
    return move(session, entry, !entry.getClosed());
  }

  /// Opens the record's epoch, and keeps the record; tells the entry with its place.
  public static Control open(PostgresSession session, Control.Builder entry, EpochRecord record) {
    ByteString hash = record.hash().bytes();
    entry.setEpochHash(hash);
    return placed(session.first(OPEN, buffer(entry.getConversationId()), entry.getEpoch(),
        buffer(entry.build().toByteString()), buffer(hash), buffer(record.bytes())), entry);
  }

  /// Closes the current epoch, if it is not closed already; tells the entry with its place.
  public static Control close(PostgresSession session, boolean closed, Control.Builder entry) {
    entry.setClosed(true);
    return closed
        ? placed(session.first(NOTE, buffer(entry.getConversationId()), buffer(entry.build().toByteString())), entry)
        : move(session, entry, false);
  }

  private static Control move(PostgresSession session, Control.Builder entry, boolean open) {
    return placed(session.first(FENCE, buffer(entry.getConversationId()), entry.getEpoch(), open,
        buffer(entry.build().toByteString())), entry);
  }

  private static Control placed(@Nullable Row place, Control.Builder entry) {
    if (place == null) {
      throw new IllegalStateException("the store refuses an epoch that follows the last one");
    }
    return entry.setSeq(place.getLong("last_seq")).setReceivedMs(place.getLong("received_ms")).build();
  }
}
