// SPDX-License-Identifier: Apache-2.0
package io.e2relay.deploy.race;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.e2relay.protocol.record.EpochRecord;
import io.e2relay.protocol.record.RosterEntry;
import io.e2relay.protocol.verify.EpochChain;
import io.e2relay.protocol.wire.Control;
import io.vertx.core.buffer.Buffer;
import io.vertx.sqlclient.Row;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// Reads the tables, knowing nothing of how they came to be what they are.
final class Ledger {
  private static final short CONTROL = 2;

  private static final String LOG = """
      SELECT seq, epoch, kind, body FROM store.entry WHERE conversation_id = $1::bytea ORDER BY seq""";

  private static final String HEADS = """
      SELECT h.epoch, h.open, h.last_seq, c.epoch AS keys_epoch, c.closed
      FROM store.head h JOIN keys.conversation c ON c.conversation_id = h.conversation_id
      WHERE h.conversation_id = $1::bytea""";

  private static final String RECORDS = """
      SELECT record FROM keys.epoch_record WHERE conversation_id = $1::bytea ORDER BY epoch""";

  private static final String ROSTER = """
      SELECT uid FROM keys.member
      WHERE conversation_id = $1::bytea AND from_epoch <= $2::bigint AND (to_epoch IS NULL OR to_epoch >= $2::bigint)
        AND state = 1""";

  private static final String BEHIND = """
      SELECT count(*) AS count FROM keys.member m
      JOIN keys.account a ON a.uid = m.uid
      JOIN keys.conversation c ON c.conversation_id = m.conversation_id
      WHERE c.level = 3 AND NOT c.closed AND m.to_epoch IS NULL AND m.state = 1 AND m.aek_gen < a.aek_gen""";

  private static final String STRAY_WRAPS = """
      SELECT count(*) AS count FROM keys.wrap w
      LEFT JOIN keys.member m ON m.conversation_id = w.conversation_id AND m.uid = w.uid AND m.to_epoch IS NULL
        AND m.state = 1
      WHERE m.uid IS NULL""";

  private final KeyStation station;
  private long messages;
  private long epochs;

  Ledger(KeyStation station) {
    this.station = station;
  }

  long messages() {
    return messages;
  }

  long epochs() {
    return epochs;
  }

  /// Nobody has a wrap who is no member with a key; no epoch is open for a key that its owner has turned.
  void checkAll() {
    assertEquals(0, station.count(STRAY_WRAPS), "wraps of who is no active member");
    assertEquals(0, station.count(BEHIND), "open epochs for turned keys");
  }

  void check(Group group) {
    Buffer id = Buffer.buffer(group.id().bytes().toByteArray());
    long epoch = 0;
    boolean open = false;
    long seq = 0;
    for (Row row : station.rows(LOG, id)) {
      assertEquals(++seq, row.getLong("seq"), "no holes");
      if (row.getShort("kind") == CONTROL) {
        Control control = control(row);
        assertTrue(row.getLong("epoch") == epoch || row.getLong("epoch") == epoch + 1, "epochs follow each other");
        assertEquals(row.getLong("epoch") == epoch, control.getClosed(), "an entry opens the next or closes its own");
        epoch = row.getLong("epoch");
        open = !control.getClosed();
      } else {
        assertEquals(epoch, row.getLong("epoch"), "a message of another epoch at " + seq);
        assertTrue(open, "a message behind the closing of its epoch at " + seq);
        messages++;
      }
    }
    Row head = station.rows(HEADS, id).getFirst();
    assertEquals(epoch, head.getLong("epoch"));
    assertEquals(epoch, head.getLong("keys_epoch"));
    assertEquals(open, head.getBoolean("open"));
    assertEquals(!open, head.getBoolean("closed"));
    assertEquals(seq, head.getLong("last_seq"));
    assertEquals(epoch, chain(group, id));
    epochs += epoch;
  }

  /// The stored records are one chain that every client takes, and the rosters of the tables are theirs.
  private long chain(Group group, Buffer id) {
    List<Row> rows = station.rows(RECORDS, id);
    EpochChain chain = group.first();
    assertEquals(chain.last().bytes(), bytes(rows.getFirst(), "record"));
    for (Row row : rows.subList(1, rows.size())) {
      chain = group.next(chain, Group.read(bytes(row, "record")));
    }
    for (Row row : rows) {
      EpochRecord record = Group.read(bytes(row, "record"));
      Set<ByteString> signed = new HashSet<>();
      record.statement().roster().stream().filter(RosterEntry::active)
          .forEach(entry -> signed.add(entry.uid().bytes()));
      Set<ByteString> listed = new HashSet<>();
      station.rows(ROSTER, id, record.statement().epoch().value()).forEach(member -> listed.add(bytes(member, "uid")));
      assertEquals(signed, listed, "the roster of epoch " + record.statement().epoch().value());
    }
    assertFalse(rows.isEmpty());
    return rows.size();
  }

  private static Control control(Row row) {
    try {
      return Control.parseFrom(bytes(row, "body"));
    } catch (InvalidProtocolBufferException e) {
      throw new AssertionError("not a control entry", e);
    }
  }

  private static ByteString bytes(Row row, String column) {
    return ByteString.copyFrom(row.getBuffer(column).getBytes());
  }
}
