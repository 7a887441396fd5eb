// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.membership;

import static io.e2relay.keyservice.membership.Named.OTHER_TENANT;
import static io.e2relay.keyservice.membership.Named.TENANT;
import static io.e2relay.keyservice.membership.Named.secret;
import static io.e2relay.keyservice.membership.Named.user;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class DoorTest {
  private static final Door NO_CONVERSATION = new Door(null, null, false);
  private static final Door NO_LINK = new Door(TENANT, null, false);
  private static final Door LINK = new Door(TENANT, secret(1), false);
  private static final Door INSIDE = new Door(TENANT, secret(1), true);

  private static final List<Request> BY_MEMBERS = List.of(new Request.Add(user(1), Set.of(), Proof.TOKEN),
      new Request.Remove(user(1), Set.of(), secret(2), Proof.TOKEN), new Request.Leave(user(1), Proof.TOKEN));

  @Test
  void only_members_come_in_to_change_something() {
    for (Request request : BY_MEMBERS) {
      assertEquals(List.of(false, false, false, true), doors(request));
    }
  }

  @Test
  void the_link_opens_its_own_door() {
    assertEquals(List.of(false, false, true, true), doors(new Request.Join(user(1), TENANT, secret(1))));
  }

  @Test
  void a_wrong_secret_opens_nothing() {
    assertEquals(List.of(false, false, false, true), doors(new Request.Join(user(1), TENANT, secret(2))));
    // What the comparison is made with where there is no secret opens nothing either.
    assertEquals(List.of(false, false, false, true), doors(new Request.Join(user(1), TENANT, secret(0))));
  }

  @Test
  void another_tenant_knows_no_links() {
    assertEquals(List.of(false, false, false, true), doors(new Request.Join(user(1), OTHER_TENANT, secret(1))));
  }

  private static List<Boolean> doors(Request request) {
    return List.of(NO_CONVERSATION.opensTo(request), NO_LINK.opensTo(request), LINK.opensTo(request),
        INSIDE.opensTo(request));
  }
}
