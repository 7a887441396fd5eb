// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.epoch;

import static java.util.Objects.requireNonNull;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.e2relay.keyservice.account.Accounts;
import io.e2relay.keyservice.account.Owner;
import io.e2relay.keyservice.conversation.ActiveRoster;
import io.e2relay.keyservice.conversation.Conversations;
import io.e2relay.keyservice.conversation.Outcome;
import io.e2relay.keyservice.conversation.Standing;
import io.e2relay.keyservice.conversation.View;
import io.e2relay.keyservice.membership.Change;
import io.e2relay.keyservice.membership.Conversation;
import io.e2relay.keyservice.membership.Encryption;
import io.e2relay.keyservice.membership.Phase;
import io.e2relay.keyservice.membership.Proof;
import io.e2relay.keyservice.membership.ReadableEpochs;
import io.e2relay.keyservice.membership.Request;
import io.e2relay.protocol.error.ErrorCode;
import io.e2relay.protocol.id.Epoch;
import io.e2relay.protocol.id.TenantId;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.record.EpochReason;
import io.e2relay.protocol.record.RosterEntry;
import io.e2relay.protocol.wire.ChangeKind;
import io.e2relay.protocol.wire.Control;
import io.e2relay.protocol.wire.MemberState;
import io.e2relay.protocol.wire.TrustLevel;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// What every keeper of epochs does, together with its keeper of conversations. Limit: 20 members.
///
/// Tests share one keeper, so each makes its own users and conversations.
interface EpochsContract {
  int MEMBERS_MAX = 20;
  long NOW = 1_795_000_000_000L;
  TenantId TENANT = new TenantId(ByteString.copyFrom(new byte[TenantId.BYTES]));

  Epochs epochs();

  Conversations conversations();

  Accounts accounts();

  default Holder somebody() {
    return Holder.in(accounts(), TENANT, NOW);
  }

  static Uid nobody() {
    return new Uid(Owner.random(Uid.BYTES));
  }

  default Founding.Founded found(Draft draft) {
    return assertInstanceOf(Founding.Founded.class, epochs().found(draft.foundation(), Owner.random(16), NOW));
  }

  default Opening.Opened opened(Draft draft) {
    return assertInstanceOf(Opening.Opened.class, epochs().put(draft.put(), NOW));
  }

  default Objection refused(Draft draft) {
    return assertInstanceOf(Opening.Refused.class, epochs().put(draft.put(), NOW)).why();
  }

  default Outcome.Changed removed(Draft of, Holder by, Uid... gone) {
    return assertInstanceOf(Outcome.Changed.class,
        conversations().change(of.id(), new Request.Remove(by.uid(), Set.of(gone), Owner.random(16), Proof.DEVICE)));
  }

  default Outcome.Changed left(Draft of, Uid who) {
    return assertInstanceOf(Outcome.Changed.class,
        conversations().change(of.id(), new Request.Leave(who, Proof.DEVICE)));
  }

  default Conversation seen(Draft draft, Holder by) {
    return requireNonNull(conversations().view(draft.id(), by.uid())).conversation();
  }

  default List<Epochs.Wrap> wraps(Draft draft, Holder of) {
    return assertInstanceOf(Epochs.Keyring.Wraps.class, epochs().wraps(draft.id(), of.uid(), 0)).wraps();
  }

  default ErrorCode noWraps(Draft draft, Uid of) {
    return assertInstanceOf(Epochs.Keyring.Refused.class, epochs().wraps(draft.id(), of, 0)).why().code();
  }

  static Change change(ChangeKind kind, Uid uid, Holder by) {
    return new Change(kind, uid, by.uid());
  }

  @Test
  default void a_conversation_begins_with_its_first_epoch() {
    Holder anne = somebody();
    Holder bob = somebody();
    Uid carol = nobody();
    Draft first = Draft.group(anne, bob).pending(carol);
    Foundation wish = first.foundation();
    Founding.Founded made = assertInstanceOf(Founding.Founded.class, epochs().found(wish, Owner.random(16), NOW));
    Control control = made.news().getFirst().control();
    assertEquals(1, control.getSeq());
    assertEquals(first.record().hash().bytes(), control.getEpochHash());
    assertFalse(control.getClosed());
    assertEquals(Set.of(change(ChangeKind.CHANGE_KIND_CREATED, anne.uid(), anne),
        change(ChangeKind.CHANGE_KIND_ADDED, bob.uid(), anne),
        change(ChangeKind.CHANGE_KIND_ADDED_PENDING, carol, anne)), Set.copyOf(made.news().getFirst().changes()));
    assertEquals(Set.of(anne.uid(), bob.uid(), carol), made.news().getFirst().versions().keySet());
    for (Uid member : List.of(anne.uid(), bob.uid(), carol)) {
      View view = requireNonNull(conversations().view(first.id(), member));
      assertEquals(made.now(), view);
      assertEquals(
          new Epochs.Chapter.Records(first.genesis.bytes(), List.of(first.record().bytes()), Epoch.FIRST, false),
          epochs().records(first.id(), member, 0));
    }
    Conversation seen = made.now().conversation();
    assertEquals(TrustLevel.TRUST_LEVEL_E2EE, seen.level());
    assertEquals(new Encryption(first.genesis, first.record().hash()), seen.encryption());
    assertEquals(Phase.OPEN, seen.phase());
    assertEquals(MemberState.MEMBER_STATE_PENDING, requireNonNull(seen.roster().member(carol)).state());
    List<Uid> active = wish.first().record().statement().roster().stream().filter(RosterEntry::active)
        .map(RosterEntry::uid).toList();
    for (Holder holder : List.of(anne, bob)) {
      assertEquals(
          List.of(
              new Epochs.Wrap(Epoch.FIRST, wish.first().wraps().get(active.indexOf(holder.uid())), ByteString.EMPTY)),
          wraps(first, holder));
    }
    assertEquals(ErrorCode.MEMBER_PENDING, noWraps(first, carol));
  }

  @Test
  default void who_is_no_member_learns_nothing() {
    Holder anne = somebody();
    Holder eve = somebody();
    Draft first = Draft.group(anne);
    found(first);
    for (Draft where : List.of(first, Draft.group(anne))) {
      assertEquals(ErrorCode.NOT_A_MEMBER, noWraps(where, eve.uid()));
      assertEquals(new Epochs.Chapter.Refused(Objection.of(ErrorCode.NOT_A_MEMBER)),
          epochs().records(where.id(), eve.uid(), 0));
      assertEquals(Objection.of(ErrorCode.NOT_A_MEMBER), refused(where.next().admin(eve).by(eve)));
    }
    opened(first.next());
  }

  @Test
  default void the_same_request_or_the_same_genesis_again_finds_the_conversation() {
    Holder anne = somebody();
    Draft first = Draft.group(anne, somebody());
    ByteString request = Owner.random(16);
    Foundation wish = first.foundation();
    Founding.Founded made = assertInstanceOf(Founding.Founded.class, epochs().found(wish, request, NOW));
    assertEquals(new Founding.Found(made.now()), epochs().found(wish, request, NOW));
    assertEquals(new Founding.Found(made.now()), epochs().found(wish, Owner.random(16), NOW));
    assertEquals(new Founding.Refused(Objection.of(ErrorCode.DUPLICATE_DIFFERS)),
        epochs().found(Draft.group(anne).foundation(), request, NOW));
  }

  @Test
  default void an_epoch_follows_the_last_one_and_is_opened_once() {
    Holder anne = somebody();
    Holder bob = somebody();
    Draft first = Draft.group(anne, bob);
    found(first);
    Draft second = first.next().by(bob);
    Opening.Opened done = opened(second);
    assertEquals(new Epoch(2), done.epoch());
    assertEquals(2, done.news().control().getSeq());
    assertEquals(second.record().hash().bytes(), done.news().control().getEpochHash());
    assertEquals(List.of(change(ChangeKind.CHANGE_KIND_ROTATED, bob.uid(), bob)), done.news().changes());
    assertEquals(Set.of(bob.uid()), done.news().versions().keySet());
    Opening.Before again = assertInstanceOf(Opening.Before.class, epochs().put(second.put(), NOW));
    assertEquals(new Opening.Before(new Epoch(2), new Outcome.LogEntry(2, done.news().control().getReceivedMs())),
        again);
    assertEquals(Objection.moved(new Epoch(2)), refused(first.next()));
    assertEquals(Objection.moved(new Epoch(2)), refused(second.next().next()));
    opened(second.next());
    assertEquals(2, wraps(first, anne).getLast().epoch().value() - 1);
    assertEquals(3, wraps(first, anne).size());
    assertEquals(
        new Epochs.Chapter.Records(ByteString.EMPTY, List.of(second.record().bytes()), new Epoch(3), false).records(),
        ((Epochs.Chapter.Records) epochs().records(first.id(), anne.uid(), 1)).records().subList(0, 1));
  }

  @Test
  default void a_pending_member_becomes_active_and_then_reads() {
    Holder anne = somebody();
    Holder late = new Holder(TENANT, nobody(), NOW);
    Draft first = Draft.group(anne).pending(late.uid());
    found(first);
    assertEquals(Objection.of(ErrorCode.MEMBER_PENDING), refused(first.next().by(late)));
    assertEquals(Objection.of(ErrorCode.STALE_KEYS, List.of(late.uid())), refused(first.next().member(late)));
    assertEquals(MemberState.MEMBER_STATE_PENDING,
        requireNonNull(conversations().standing(first.id(), late.uid())).member().state());
    late.register(accounts());
    Draft second = first.next(EpochReason.ACTIVATED).member(late);
    Opening.Opened done = opened(second);
    assertEquals(List.of(change(ChangeKind.CHANGE_KIND_ACTIVATED, late.uid(), anne)), done.news().changes());
    assertTrue(done.news().versions().containsKey(late.uid()));
    assertEquals(List.of(new ReadableEpochs.Range(Epoch.FIRST, null)),
        requireNonNull(conversations().standing(first.id(), late.uid())).readable());
    assertEquals(List.of(new Epoch(2)), wraps(first, late).stream().map(Epochs.Wrap::epoch).toList());
    opened(second.next().by(late));
  }

  @Test
  default void a_removal_closes_the_epoch_and_takes_all_wraps_away() {
    Holder anne = somebody();
    Holder bob = somebody();
    Holder carol = somebody();
    Draft first = Draft.group(anne, bob, carol);
    found(first);
    Draft second = first.next();
    opened(second);
    Outcome.Changed gone = removed(first, anne, bob.uid());
    Control control = gone.news().control();
    assertTrue(control.getClosed());
    assertEquals(2, control.getEpoch());
    assertEquals(3, control.getSeq());
    assertEquals(ByteString.EMPTY, control.getEpochHash());
    assertEquals(Set.of(bob.uid()), gone.news().versions().keySet());
    assertEquals(Phase.CLOSED, gone.now().conversation().phase());
    assertEquals(Phase.CLOSED, seen(first, anne).phase());
    assertEquals(new Epoch(2), seen(first, anne).epoch());
    assertEquals(ErrorCode.NOT_A_MEMBER, noWraps(first, bob.uid()));
    assertNull(conversations().standing(first.id(), bob.uid()));
    assertEquals(2, wraps(first, carol).size());
    ActiveRoster roster = requireNonNull(conversations().roster(first.id(), new Epoch(2)));
    assertEquals(Set.of(anne.uid(), bob.uid(), carol.uid()), Set.copyOf(roster.uids()));
    assertEquals(second.record().hash().bytes(), roster.epochHash());
    assertEquals(Objection.of(ErrorCode.ROSTER_MISMATCH, List.of(bob.uid())), refused(second.next()));
    assertEquals(Objection.of(ErrorCode.ROSTER_MISMATCH, List.of(carol.uid())),
        refused(second.next().without(bob.uid()).without(carol.uid())));
    Draft third = second.next(EpochReason.REMOVED).without(bob.uid());
    opened(third);
    assertEquals(Phase.OPEN, seen(first, anne).phase());
    assertEquals(Set.of(anne.uid(), carol.uid()),
        Set.copyOf(requireNonNull(conversations().roster(first.id(), new Epoch(3))).uids()));
  }

  @Test
  default void a_second_removal_is_told_while_the_epoch_is_closed() {
    Holder anne = somebody();
    Holder bob = somebody();
    Holder carol = somebody();
    Draft first = Draft.group(anne, bob, carol);
    found(first);
    assertEquals(2, removed(first, anne, bob.uid()).news().control().getSeq());
    Control second = left(first, carol.uid()).news().control();
    assertEquals(3, second.getSeq());
    assertEquals(1, second.getEpoch());
    assertTrue(second.getClosed());
    assertEquals(Objection.of(ErrorCode.ROSTER_MISMATCH, List.of(carol.uid())),
        refused(first.next().without(bob.uid())));
    opened(first.next().without(bob.uid()).without(carol.uid()));
  }

  @Test
  default void who_was_removed_comes_back_with_the_record_after_the_next() {
    Holder anne = somebody();
    Holder bob = somebody();
    Draft first = Draft.of(Draft.Terms.GROUP.fromJoin(), anne).member(bob);
    found(first);
    removed(first, anne, bob.uid());
    Draft second = first.next(EpochReason.REMOVED).without(bob.uid());
    opened(second);
    Draft third = second.next(EpochReason.ADDED).member(bob);
    assertEquals(List.of(change(ChangeKind.CHANGE_KIND_ADDED, bob.uid(), anne)), opened(third).news().changes());
    Standing standing = requireNonNull(conversations().standing(first.id(), bob.uid()));
    assertEquals(
        List.of(new ReadableEpochs.Range(Epoch.FIRST, Epoch.FIRST), new ReadableEpochs.Range(new Epoch(3), null)),
        standing.readable());
    assertEquals(List.of(new Epoch(3)), wraps(first, bob).stream().map(Epochs.Wrap::epoch).toList());
  }

  @Test
  default void a_roster_names_the_newest_keys() {
    Holder anne = somebody();
    Holder bob = somebody();
    Draft first = Draft.group(anne, bob);
    found(first);
    bob.turn();
    Draft early = first.next().member(bob);
    assertEquals(Objection.of(ErrorCode.STALE_KEYS, List.of(bob.uid())), refused(early));
    bob.register(accounts());
    assertEquals(Objection.of(ErrorCode.STALE_KEYS, List.of(bob.uid())), refused(first.next()));
    Opening.Opened done = opened(early);
    assertEquals(List.of(change(ChangeKind.CHANGE_KIND_ROTATED, anne.uid(), anne)), done.news().changes());
    assertTrue(done.news().versions().containsKey(bob.uid()), "who got a new key is told");
    anne.turn().register(accounts());
    Draft old = early.next().by(bob);
    assertEquals(Objection.of(ErrorCode.STALE_KEYS, List.of(anne.uid())), refused(old));
    opened(early.next().admin(anne).by(bob));
  }

  @Test
  default void nobody_of_another_tenant_gets_in() {
    Holder anne = somebody();
    TenantId elsewhere = new TenantId(Owner.random(TenantId.BYTES));
    Holder stranger = Holder.in(accounts(), elsewhere, NOW);
    Draft first = Draft.group(anne);
    found(first);
    assertEquals(Objection.of(ErrorCode.NOT_ALLOWED), refused(first.next().member(stranger)));
    String subject = "user " + anne.uid().bytes().hashCode();
    Uid waiting = io.e2relay.protocol.id.Ids.uid(elsewhere, subject);
    conversations().signIn(elsewhere, waiting, subject);
    assertEquals(Objection.of(ErrorCode.NOT_ALLOWED), refused(first.next().pending(waiting)));
    assertEquals(new Founding.Refused(Objection.of(ErrorCode.NOT_ALLOWED)),
        epochs().found(Draft.group(anne).pending(waiting).foundation(), Owner.random(16), NOW));
    opened(first.next().pending(nobody()));
  }

  @Test
  default void there_are_no_more_members_than_there_may_be() {
    Holder anne = somebody();
    Draft full = Draft.group(anne);
    for (int i = 1; i < MEMBERS_MAX; i++) {
      full.pending(nobody());
    }
    found(full);
    assertEquals(Objection.of(ErrorCode.LIMIT_EXCEEDED), refused(full.next().pending(nobody())));
    opened(full.next());
    Draft over = Draft.group(anne);
    for (int i = 0; i < MEMBERS_MAX; i++) {
      over.pending(nobody());
    }
    assertEquals(new Founding.Refused(Objection.of(ErrorCode.LIMIT_EXCEEDED)),
        epochs().found(over.foundation(), Owner.random(16), NOW));
  }

  @Test
  default void the_last_admin_stays_as_long_as_others_do() {
    Holder anne = somebody();
    Holder bob = somebody();
    Draft first = Draft.group(anne, bob);
    found(first);
    assertEquals(new Outcome.Refused(ErrorCode.LAST_ADMIN),
        conversations().change(first.id(), new Request.Leave(anne.uid(), Proof.DEVICE)));
    assertEquals(Objection.of(ErrorCode.LAST_ADMIN), refused(first.next(EpochReason.ROLE_CHANGED).member(anne)));
    Draft second = first.next(EpochReason.ROLE_CHANGED).admin(bob);
    assertEquals(List.of(change(ChangeKind.CHANGE_KIND_ROLE_CHANGED, bob.uid(), anne)),
        opened(second).news().changes());
    left(first, anne.uid());
    left(first, bob.uid());
    assertNull(conversations().view(first.id(), bob.uid()));
  }

  @Test
  default void members_are_added_by_records_and_not_by_links() {
    Holder anne = somebody();
    Uid bob = nobody();
    Draft first = Draft.group(anne).pending(bob);
    found(first);
    assertEquals(new Outcome.Refused(ErrorCode.RECORD_REQUIRED),
        conversations().change(first.id(), new Request.Add(anne.uid(), Set.of(nobody()), Proof.DEVICE)));
    assertEquals(new Outcome.Refused(ErrorCode.MEMBER_PENDING),
        conversations().change(first.id(), new Request.Add(bob, Set.of(nobody()), Proof.DEVICE)));
    assertEquals(new Outcome.Refused(ErrorCode.NOT_A_MEMBER),
        conversations().change(first.id(), new Request.Join(nobody(), TENANT, Owner.random(16))));
    opened(first.next().pending(nobody()));
  }

  @Test
  default void two_users_have_one_conversation_with_each_other() {
    Holder anne = somebody();
    Holder bob = somebody();
    Draft first = Draft.direct(anne, bob);
    Founding.Founded made = found(first);
    Foundation second = Draft.direct(bob, anne).foundation();
    ByteString request = Owner.random(16);
    assertEquals(new Founding.Found(made.now()), epochs().found(second, request, NOW));
    assertEquals(new Founding.Found(made.now()), epochs().found(second, request, NOW));
    found(Draft.group(anne, bob));
    assertEquals(Objection.of(ErrorCode.NOT_ALLOWED), refused(first.next().pending(nobody())));
    left(first, anne.uid());
    View next = assertInstanceOf(Founding.Founded.class, epochs().found(second, request, NOW)).now();
    assertEquals(second.id(), next.conversation().id());
    assertEquals(new Founding.Found(next), epochs().found(Draft.direct(anne, bob).foundation(), request, NOW));
  }
}
