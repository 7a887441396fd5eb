// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.epoch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.e2relay.keyservice.account.Owner;
import io.e2relay.keyservice.membership.Conversation;
import io.e2relay.keyservice.membership.Decision;
import io.e2relay.keyservice.membership.Membership;
import io.e2relay.keyservice.membership.Proof;
import io.e2relay.keyservice.membership.Request;
import io.e2relay.protocol.error.ErrorCode;
import io.e2relay.protocol.id.Uid;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// Who is known by a login token alone changes nothing about the members of an encrypted conversation.
final class MembershipProofTest {
  private static final Membership RULES = new Membership(EpochsContract.MEMBERS_MAX);

  private final Town town = new Town();
  private final Holder anne = town.holder();
  private final Holder bob = town.holder();
  private final Uid carol = EpochsContract.nobody();
  private final Uid stranger = EpochsContract.nobody();
  private final Conversation room = Town.conversation(Draft.group(anne, bob).pending(carol));

  @Test
  void an_active_member_proves_a_device() {
    for (Request request : requests(anne.uid(), Proof.TOKEN)) {
      assertEquals(refused(ErrorCode.DEVICE_UNPROVEN), RULES.decide(room, request));
    }
    List<Decision> proven = requests(bob.uid(), Proof.DEVICE).stream().map(asked -> RULES.decide(room, asked)).toList();
    assertEquals(List.of(refused(ErrorCode.RECORD_REQUIRED), refused(ErrorCode.NOT_ALLOWED)), proven.subList(0, 2));
    proven.subList(2, 4).forEach(decision -> assertInstanceOf(Decision.Changed.class, decision));
    assertInstanceOf(Decision.Changed.class, RULES.decide(room, remove(anne.uid(), bob.uid(), Proof.DEVICE)));
  }

  @Test
  void who_waits_for_a_key_leaves_without_a_device_and_does_nothing_else() {
    List<Decision> decisions = requests(carol, Proof.TOKEN).stream().map(asked -> RULES.decide(room, asked)).toList();
    assertEquals(List.of(refused(ErrorCode.MEMBER_PENDING), refused(ErrorCode.MEMBER_PENDING)),
        decisions.subList(0, 2));
    decisions.subList(2, 4).forEach(decision -> assertInstanceOf(Decision.Changed.class, decision));
  }

  @Test
  void a_stranger_learns_nothing_with_a_device_or_without() {
    for (Proof proof : Proof.values()) {
      for (Request request : requests(stranger, proof)) {
        assertEquals(refused(ErrorCode.NOT_A_MEMBER), RULES.decide(room, request));
      }
    }
  }

  /// To add somebody, to remove somebody, and both ways out.
  private List<Request> requests(Uid by, Proof proof) {
    return List.of(new Request.Add(by, Set.of(stranger), proof),
        remove(by, by.equals(anne.uid()) ? bob.uid() : anne.uid(), proof), remove(by, by, proof),
        new Request.Leave(by, proof));
  }

  private static Request remove(Uid by, Uid gone, Proof proof) {
    return new Request.Remove(by, Set.of(gone), Owner.random(16), proof);
  }

  private static Decision refused(ErrorCode code) {
    return new Decision.Refused(code);
  }
}
