// SPDX-License-Identifier: Apache-2.0
package io.e2relay.backing;

import io.e2relay.protocol.config.Postgres;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/// Reads a schema back from the catalogue of PostgreSQL as sorted text; the history of migrations is left out.
final class PostgresSchemaDump {
  private static final String HISTORY = "flyway_schema_history";

  private static final String TABLES = """
      SELECT format('%s %s%s%s%s',
               CASE c.relkind WHEN 'r' THEN 'table' WHEN 'p' THEN 'partitioned table' WHEN 'v' THEN 'view'
                              WHEN 'm' THEN 'materialized view' WHEN 'S' THEN 'sequence' ELSE c.relkind::text END,
               c.relname,
               CASE WHEN c.relkind = 'p' THEN ' by ' || pg_get_partkeydef(c.oid) ELSE '' END,
               CASE WHEN c.relispartition THEN ' partition of ' || c_parent.relname || ' '
                 || pg_get_expr(c.relpartbound, c.oid) ELSE '' END,
               CASE WHEN c.reloptions IS NULL THEN '' ELSE ' with ('
                 || (SELECT string_agg(o, ', ' ORDER BY o) FROM unnest(c.reloptions) o) || ')' END)
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        LEFT JOIN pg_inherits i ON i.inhrelid = c.oid
        LEFT JOIN pg_class c_parent ON c_parent.oid = i.inhparent
       WHERE n.nspname = ? AND c.relkind IN ('r', 'p', 'v', 'm', 'S') AND c.relname <> ?
       ORDER BY c.relname COLLATE "C"
      """;

  private static final String COLUMNS = """
      SELECT format('column %s.%s %s%s%s storage %s', c.relname, a.attname, format_type(a.atttypid, a.atttypmod),
               CASE WHEN a.attnotnull THEN ' not null' ELSE '' END,
               CASE WHEN d.adbin IS NULL THEN ''
                    WHEN a.attgenerated <> '' THEN ' generated ' || pg_get_expr(d.adbin, d.adrelid)
                    ELSE ' default ' || pg_get_expr(d.adbin, d.adrelid) END
                 || CASE a.attidentity WHEN '' THEN '' ELSE ' identity ' || a.attidentity::text END,
               CASE a.attstorage WHEN 'p' THEN 'plain' WHEN 'e' THEN 'external' WHEN 'm' THEN 'main'
                                 ELSE 'extended' END)
        FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
        LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
       WHERE n.nspname = ? AND c.relkind IN ('r', 'p', 'v', 'm') AND c.relname <> ? AND a.attnum > 0
         AND NOT a.attisdropped
       ORDER BY c.relname COLLATE "C", a.attnum""";

  private static final String CONSTRAINTS = """
      SELECT format('constraint %s.%s %s', c.relname, k.conname, pg_get_constraintdef(k.oid))
        FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
       WHERE n.nspname = ? AND c.relname <> ? AND k.contype <> 'n'
       ORDER BY c.relname COLLATE "C", k.conname COLLATE "C"
      """;

  private static final String INDEXES = """
      SELECT format('index %s', pg_get_indexdef(i.indexrelid))
        FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid JOIN pg_namespace n ON n.oid = c.relnamespace
        JOIN pg_class x ON x.oid = i.indexrelid
       WHERE n.nspname = ? AND c.relname <> ?
       ORDER BY c.relname COLLATE "C", x.relname COLLATE "C"
      """;

  private static final String FUNCTIONS = """
      SELECT pg_get_functiondef(p.oid)
        FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
       WHERE n.nspname = ? AND p.prokind IN ('f', 'p') AND p.proname <> ?
       ORDER BY p.proname COLLATE "C", pg_get_function_identity_arguments(p.oid) COLLATE "C"
      """;

  private static final String TYPES = """
      SELECT format('type %s %s', t.typname,
               CASE t.typtype WHEN 'e' THEN 'enum ('
                 || (SELECT string_agg(e.enumlabel, ', ' ORDER BY e.enumsortorder) FROM pg_enum e
                      WHERE e.enumtypid = t.oid) || ')'
               ELSE 'domain ' || format_type(t.typbasetype, t.typtypmod) END)
        FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
       WHERE n.nspname = ? AND t.typtype IN ('e', 'd') AND t.typname <> ?
       ORDER BY t.typname COLLATE "C"
      """;

  private static final String VIEWS = """
      SELECT format(E'view %s as\\n%s', c.relname, pg_get_viewdef(c.oid))
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
       WHERE n.nspname = ? AND c.relkind IN ('v', 'm') AND c.relname <> ?
       ORDER BY c.relname COLLATE "C"
      """;

  private static final String TRIGGERS = """
      SELECT format('trigger %s', pg_get_triggerdef(t.oid))
        FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
       WHERE n.nspname = ? AND c.relname <> ? AND NOT t.tgisinternal
       ORDER BY c.relname COLLATE "C", t.tgname COLLATE "C"
      """;

  // So that the names in the answers do not depend on who asks.
  private static final String NO_SEARCH_PATH = """
      SET search_path = pg_catalog""";

  private PostgresSchemaDump() {
  }

  static String of(Postgres postgres, String schema) {
    try (
        Connection connection = DriverManager.getConnection(postgres.jdbcUrl(), postgres.user(),
            postgres.password().reveal());
        Statement statement = connection.createStatement()) {
      statement.execute(NO_SEARCH_PATH);
      List<String> parts = new ArrayList<>();
      for (String query : List.of(TYPES, TABLES, COLUMNS, CONSTRAINTS, INDEXES, VIEWS, TRIGGERS, FUNCTIONS)) {
        parts.addAll(read(connection, query, schema));
      }
      return String.join("\n", parts) + "\n";
    } catch (SQLException e) {
      throw new BackingException(Problem.FAILED, "The schema " + schema + " could not be read: " + e.getMessage(), e);
    }
  }

  private static List<String> read(Connection connection, String query, String schema) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(query)) {
      statement.setString(1, schema);
      statement.setString(2, HISTORY);
      List<String> lines = new ArrayList<>();
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          lines.add(rows.getString(1).stripTrailing());
        }
      }
      return lines;
    }
  }
}
