// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.conversation;

import static io.e2relay.keyservice.database.Columns.buffer;

import io.e2relay.keyservice.database.Columns;
import io.e2relay.keyservice.database.PostgresSession;
import io.e2relay.keyservice.membership.Roster;
import io.e2relay.protocol.id.ConversationId;
import io.e2relay.protocol.id.TenantId;
import io.e2relay.protocol.id.Uid;
import io.vertx.sqlclient.Row;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The users in PostgreSQL: what the host calls them, and how often their lists changed.
public final class PostgresUsers {
  private static final String KNOWN = """
      SELECT tenant, subject, version FROM keys.app_user WHERE uid = $1::bytea""";

  private static final String CLAIM = """
      INSERT INTO keys.app_user AS u (uid, tenant, subject, version)
      VALUES ($1::bytea, $2::bytea, NULL, 1)
      ON CONFLICT (uid) DO UPDATE SET tenant = coalesce(u.tenant, excluded.tenant)
      RETURNING tenant""";

  private static final String ASTRAY = """
      SELECT m.conversation_id
      FROM keys.member m JOIN keys.conversation c ON c.conversation_id = m.conversation_id
      WHERE m.uid = $1::bytea AND m.to_epoch IS NULL AND c.tenant <> $2::bytea
      ORDER BY m.conversation_id""";

  private static final String NAME = """
      UPDATE keys.app_user SET subject = $2::text WHERE uid = $1::bytea RETURNING version""";

  // In the order of the uids, so that two changes never wait for each other.
  private static final String TOUCH = """
      INSERT INTO keys.app_user AS u (uid, tenant, subject, version)
      SELECT t.uid, NULL::bytea, NULL::text, 1 FROM unnest($1::bytea[]) AS t(uid) ORDER BY t.uid
      ON CONFLICT (uid) DO UPDATE SET version = u.version + 1
      RETURNING uid, tenant, subject, version, bot""";

  /// Users whose lists have just changed.
  public record Touched(Map<Uid, Long> versions, Map<Uid, String> subjects, Map<Uid, TenantId> tenants, Set<Uid> bots) {
    /// Whether somebody in the roster may be in no encrypted conversation of this tenant.
    public boolean anyBarred(TenantId tenant, Roster roster) {
      return anyOutside(tenant, roster) || bots.stream().anyMatch(roster::contains);
    }

    /// Whether somebody in the roster belongs to another tenant.
    public boolean anyOutside(TenantId tenant, Roster roster) {
      return tenants.entrySet().stream()
          .anyMatch(user -> roster.contains(user.getKey()) && !user.getValue().equals(tenant));
    }

    /// The conversation with the names of its members, also of those who came with the change.
    public View named(View view) {
      Map<Uid, String> names = new HashMap<>(view.subjects());
      names.putAll(subjects);
      names.keySet().removeIf(uid -> !view.conversation().roster().contains(uid));
      return new View(view.conversation(), names, view.createdMs());
    }
  }

  private PostgresUsers() {
  }

  static SignIn signIn(PostgresSession session, TenantId tenant, Uid uid, String subject) {
    Row known = session.first(KNOWN, buffer(uid.bytes()));
    if (known != null && known.getString("subject") != null) {
      requireSame(subject, known.getString("subject"));
      requireSame(tenant, Columns.tenant(known));
      return new SignIn.Done(known.getLong("version"));
    }
    // First the tenant: from then on nobody of another tenant can add the user. The subject says that all is done.
    Row claimed = session.first(CLAIM, buffer(uid.bytes()), buffer(tenant.bytes()));
    requireSame(tenant, claimed == null ? null : Columns.tenant(claimed));
    List<ConversationId> astray = new ArrayList<>();
    for (Row row : session.run(ASTRAY, buffer(uid.bytes()), buffer(tenant.bytes()))) {
      astray.add(Objects.requireNonNull(Columns.conversation(row)));
    }
    if (!astray.isEmpty()) {
      return new SignIn.Astray(List.copyOf(astray));
    }
    Row named = Objects.requireNonNull(session.first(NAME, buffer(uid.bytes()), subject), "a claimed user");
    return new SignIn.Done(named.getLong("version"));
  }

  /// Raises the versions of these users, whether anybody has heard of them or not.
  public static Touched touch(PostgresSession session, Collection<Uid> uids) {
    Map<Uid, Long> versions = new HashMap<>();
    Map<Uid, String> subjects = new HashMap<>();
    Map<Uid, TenantId> tenants = new HashMap<>();
    Set<Uid> bots = new HashSet<>();
    for (Row row : session.run(TOUCH, (Object) Columns.uids(uids))) {
      Uid uid = Objects.requireNonNull(Columns.uid(row, "uid"));
      versions.put(uid, row.getLong("version"));
      String subject = row.getString("subject");
      if (subject != null) {
        subjects.put(uid, subject);
      }
      TenantId tenant = Columns.tenant(row);
      if (tenant != null) {
        tenants.put(uid, tenant);
      }
      if (row.getBoolean("bot")) {
        bots.add(uid);
      }
    }
    return new Touched(Map.copyOf(versions), subjects, tenants, bots);
  }

  // A uid is derived from tenant and subject.
  private static void requireSame(Object derivedFrom, @Nullable Object kept) {
    if (!derivedFrom.equals(kept)) {
      throw new IllegalStateException("a uid belongs to two users");
    }
  }
}
