// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.account;

import static io.e2relay.keyservice.database.Columns.buffer;

import io.e2relay.keyservice.database.PostgresSession;
import io.e2relay.protocol.record.AccountStatement;
import io.e2relay.protocol.record.KeyLogLeaf;
import io.vertx.core.buffer.Buffer;

/// What a new record obliges the service to, written down in the record's own transaction so that no crash forgets it.
final class PostgresDuties {
  private static final String STRICT = """
      UPDATE keys.account SET strict = true WHERE uid = $1::bytea""";

  private static final String TURN = """
      INSERT INTO keys.turn_job (uid, seq, aek_gen, created_ms)
      VALUES ($1::bytea, $2::bigint, $3::bigint, $4::bigint)""";

  private static final String LOG = """
      INSERT INTO keys.key_log_queue (uid, seq, leaf) VALUES ($1::bytea, $2::bigint, $3::bytea)""";

  private PostgresDuties() {
  }

  static void begin(PostgresSession session, Put put, long nowMs) {
    AccountStatement statement = put.record().statement();
    Buffer uid = buffer(put.caller().bytes());
    if (statement.seq() == 1 && !put.rootWraps().isEmpty()) {
      session.run(STRICT, uid);
    }
    if (AccountRules.turns(statement.kind())) {
      session.run(TURN, uid, statement.seq(), statement.aekGen(), nowMs);
    }
    session.run(LOG, uid, statement.seq(),
        buffer(KeyLogLeaf.of(put.tenant(), put.caller(), statement.seq(), put.record().hash())));
  }
}
