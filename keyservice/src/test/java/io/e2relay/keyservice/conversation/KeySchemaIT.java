// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.conversation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import io.e2relay.backing.BackingExtension;
import io.e2relay.backing.Migrations;
import io.e2relay.protocol.config.Postgres;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(BackingExtension.class)
final class KeySchemaIT {
  @Test
  void the_migrations_build_the_schema_that_is_checked_in(Postgres postgres) throws IOException {
    KeySchemas.migrate(postgres);
    String built = Migrations.dump(postgres, "keys");
    Files.writeString(Path.of("target", "schema-keys.txt"), built);
    try (InputStream checkedIn = KeySchemaIT.class.getResourceAsStream("/schema-keys.txt")) {
      assertNotNull(checkedIn, "copy target/schema-keys.txt to src/test/resources");
      assertEquals(new String(checkedIn.readAllBytes(), StandardCharsets.UTF_8), built,
          "the migrations changed the schema: compare target/schema-keys.txt");
    }
  }
}
