// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.conversation;

import io.e2relay.backing.Migrations;
import io.e2relay.backing.Schema;
import io.e2relay.protocol.config.Postgres;
import java.util.List;

/// The key service's schema, behind it the stand-in for the store's.
public final class KeySchemas {
  private KeySchemas() {
  }

  public static void migrate(Postgres postgres) {
    Migrations.run(postgres, List.of(new Schema("store", "db/store-stand-in"), new Schema("keys", "db/keys")));
  }
}
