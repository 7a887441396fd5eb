// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.epoch;

import static io.e2relay.keyservice.database.Columns.buffer;
import static java.util.Objects.requireNonNull;

import io.e2relay.keyservice.database.Columns;
import io.e2relay.keyservice.database.PostgresSession;
import io.e2relay.keyservice.membership.Conversation;
import io.e2relay.keyservice.membership.Member;
import io.e2relay.protocol.id.ConversationId;
import io.e2relay.protocol.id.Uid;
import io.vertx.sqlclient.Row;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Which conversation two users have with each other: one at a time.
final class PostgresDirects {
  // Waits for another conversation of the same two, if one is being made.
  private static final String TAKE = """
      INSERT INTO keys.direct (tenant, uid_low, uid_high, conversation_id)
      VALUES ($1::bytea, $2::bytea, $3::bytea, $4::bytea)
      ON CONFLICT (tenant, uid_low, uid_high) DO NOTHING RETURNING conversation_id""";

  private static final String TAKEN = """
      SELECT conversation_id FROM keys.direct
      WHERE tenant = $1::bytea AND uid_low = $2::bytea AND uid_high = $3::bytea FOR UPDATE""";

  private static final String BOTH = """
      SELECT count(*) AS members FROM keys.member
      WHERE conversation_id = $1::bytea AND uid IN ($2::bytea, $3::bytea) AND to_epoch IS NULL""";

  private static final String REPLACE = """
      UPDATE keys.direct SET conversation_id = $4::bytea
      WHERE tenant = $1::bytea AND uid_low = $2::bytea AND uid_high = $3::bytea""";

  private PostgresDirects() {
  }

  /// Makes this their conversation; or tells which one they have, as long as both are in it.
  static @Nullable ConversationId take(PostgresSession session, Conversation made) {
    List<Uid> pair = made.roster().members().stream().map(Member::uid).toList();
    Object[] key = {buffer(made.tenant().bytes()), buffer(pair.getFirst().bytes()), buffer(pair.getLast().bytes())};
    if (session.first(TAKE, key[0], key[1], key[2], buffer(made.id().bytes())) != null) {
      return null;
    }
    Row row = requireNonNull(session.first(TAKEN, key), "the conversation in the way");
    ConversationId taken = requireNonNull(Columns.conversation(row));
    Row both = requireNonNull(session.first(BOTH, buffer(taken.bytes()), key[1], key[2]));
    if (both.getLong("members") == pair.size()) {
      return taken;
    }
    session.run(REPLACE, key[0], key[1], key[2], buffer(made.id().bytes()));
    return null;
  }
}
