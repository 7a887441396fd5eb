// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.epoch;

import static java.util.Objects.requireNonNull;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.e2relay.keyservice.account.Owner;
import io.e2relay.keyservice.conversation.Outcome;
import io.e2relay.keyservice.membership.Creation;
import io.e2relay.keyservice.membership.Phase;
import io.e2relay.keyservice.membership.Proof;
import io.e2relay.keyservice.membership.Request;
import io.e2relay.protocol.error.ErrorCode;
import io.e2relay.protocol.id.ConversationId;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.record.Fault;
import io.e2relay.protocol.wire.ChangeKind;
import io.e2relay.protocol.wire.Control;
import io.e2relay.protocol.wire.History;
import io.e2relay.protocol.wire.TrustLevel;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// How open conversations go on as encrypted ones, with every keeper of epochs.
interface UpgradesContract extends EpochsContract {
  ByteString LINK = ByteString.copyFrom(new byte[Creation.LINK_SECRET_BYTES]);

  /// An open conversation with a link.
  default ConversationId open(Holder admin, Uid... others) {
    Creation wish = new Creation(new ConversationId(Owner.random(ConversationId.BYTES)),
        new Creation.Terms(admin.owner.tenant, TrustLevel.TRUST_LEVEL_OPEN, History.HISTORY_FULL), admin.uid(),
        Set.of(others), Owner.random(16), LINK);
    assertInstanceOf(Outcome.Changed.class, conversations().create(wish));
    return wish.id();
  }

  default Objection objection(ConversationId open, Draft draft) {
    return assertInstanceOf(Founding.Refused.class, epochs().upgrade(open, draft.foundation(), NOW)).why();
  }

  static Draft as(ConversationId open, Holder by) {
    return Draft.of(Draft.Terms.GROUP.after(open), by);
  }

  @Test
  default void an_open_conversation_goes_on_encrypted_for_good() {
    Holder anne = somebody();
    Holder bob = somebody();
    Uid carol = EpochsContract.nobody();
    ConversationId open = open(anne, bob.uid(), carol);
    Draft first = as(open, anne).member(bob).pending(carol);
    Foundation wish = first.foundation();
    Founding.Founded made = assertInstanceOf(Founding.Founded.class, epochs().upgrade(open, wish, NOW));
    assertEquals(first.id(), made.now().conversation().id());
    assertEquals(made.now(), conversations().view(first.id(), carol));
    Control end = made.news().getLast().control();
    assertEquals(open.bytes(), end.getConversationId());
    assertEquals(first.id().bytes(), end.getSuccessor());
    assertTrue(end.getClosed());
    assertEquals(1, end.getEpoch());
    assertEquals(2, end.getSeq());
    assertEquals(ChangeKind.CHANGE_KIND_UPGRADED, end.getChanges(0).getKind());
    assertEquals(1, made.news().getFirst().control().getSeq());
    assertEquals(new Phase(true, first.id()),
        requireNonNull(conversations().view(open, bob.uid())).conversation().phase());
    assertEquals(new Founding.Found(made.now()), epochs().upgrade(open, wish, NOW), "the same again");
    assertEquals(Objection.of(ErrorCode.UPGRADED), objection(open, as(open, anne).member(bob).pending(carol)));
    for (Request request : List.of(new Request.Add(anne.uid(), Set.of(EpochsContract.nobody()), Proof.DEVICE),
        new Request.Remove(anne.uid(), Set.of(bob.uid()), Owner.random(16), Proof.DEVICE),
        new Request.Join(EpochsContract.nobody(), anne.owner.tenant, LINK))) {
      assertEquals(new Outcome.Refused(ErrorCode.UPGRADED), conversations().change(open, request));
    }
    Outcome.Changed left = assertInstanceOf(Outcome.Changed.class,
        conversations().change(open, new Request.Leave(bob.uid(), Proof.DEVICE)));
    assertTrue(left.news().control().getClosed());
    assertEquals(new Phase(true, first.id()), left.now().conversation().phase());
    assertInstanceOf(Opening.Opened.class, epochs().put(first.next().put(), NOW));
  }

  @Test
  default void the_members_stay_the_same() {
    Holder anne = somebody();
    Holder bob = somebody();
    Holder eve = somebody();
    ConversationId open = open(anne, bob.uid());
    assertEquals(Objection.of(ErrorCode.ROSTER_MISMATCH, List.of(bob.uid())), objection(open, as(open, anne)));
    assertEquals(Objection.of(ErrorCode.ROSTER_MISMATCH, List.of(eve.uid())),
        objection(open, as(open, anne).member(bob).member(eve)));
    assertEquals(Objection.of(ErrorCode.ROSTER_MISMATCH, List.of(bob.uid())),
        objection(open, as(open, anne).admin(bob)));
    assertInstanceOf(Founding.Founded.class, epochs().upgrade(open, as(open, anne).member(bob).foundation(), NOW));
  }

  @Test
  default void an_admin_does_it_and_of_two_either() {
    Holder anne = somebody();
    Holder bob = somebody();
    Holder eve = somebody();
    ConversationId open = open(anne, bob.uid());
    Draft byBob = Draft.of(Draft.Terms.GROUP.after(open), bob).member(bob).admin(anne);
    assertEquals(Objection.of(ErrorCode.NOT_ALLOWED), objection(open, byBob));
    assertEquals(Objection.of(ErrorCode.NOT_A_MEMBER), objection(open, as(open, eve)));
    assertEquals(Objection.of(Fault.WRONG_CONTEXT), objection(open, Draft.group(anne, bob)));
    Draft forTwo = Draft.of(Draft.Terms.DIRECT.after(open), bob).member(bob).admin(anne);
    Founding.Founded made = assertInstanceOf(Founding.Founded.class, epochs().upgrade(open, forTwo.foundation(), NOW));
    assertEquals(new Founding.Found(made.now()),
        epochs().found(Draft.direct(anne, bob).foundation(), Owner.random(16), NOW), "the one they have");
  }

  @Test
  default void two_who_have_a_conversation_with_each_other_get_no_second_one() {
    Holder anne = somebody();
    Holder bob = somebody();
    assertInstanceOf(Founding.Founded.class,
        epochs().found(Draft.direct(anne, bob).foundation(), Owner.random(16), NOW));
    ConversationId open = open(anne, bob.uid());
    assertEquals(Objection.of(ErrorCode.NOT_ALLOWED),
        objection(open, Draft.of(Draft.Terms.DIRECT.after(open), anne).member(bob)));
    assertInstanceOf(Founding.Founded.class, epochs().upgrade(open, as(open, anne).member(bob).foundation(), NOW));
  }

  @Test
  default void an_encrypted_conversation_is_not_upgraded_and_an_open_one_has_no_records() {
    Holder anne = somebody();
    Draft encrypted = Draft.group(anne);
    assertInstanceOf(Founding.Founded.class, epochs().found(encrypted.foundation(), Owner.random(16), NOW));
    assertEquals(Objection.of(ErrorCode.NOT_ALLOWED), objection(encrypted.id(), as(encrypted.id(), anne)));
    assertEquals(new Founding.Refused(Objection.of(Fault.WRONG_CONTEXT)),
        epochs().found(as(encrypted.id(), anne).foundation(), Owner.random(16), NOW), "who has a predecessor");
    ConversationId open = open(anne);
    assertEquals(new Epochs.Chapter.Refused(Objection.of(ErrorCode.UNSUPPORTED)),
        epochs().records(open, anne.uid(), 0));
    assertEquals(new Epochs.Keyring.Refused(Objection.of(ErrorCode.UNSUPPORTED)), epochs().wraps(open, anne.uid(), 0));
    assertEquals(new Opening.Refused(Objection.of(Fault.WRONG_CONTEXT)),
        epochs().put(new EpochPut(anne.author(), open, encrypted.next().sealed()), NOW));
  }
}
