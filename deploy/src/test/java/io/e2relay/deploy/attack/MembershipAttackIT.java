// SPDX-License-Identifier: Apache-2.0
package io.e2relay.deploy.attack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.google.protobuf.ByteString;
import io.e2relay.client.RefusedException;
import io.e2relay.client.e2ee.Alarm;
import io.e2relay.client.e2ee.BlockedException;
import io.e2relay.deploy.endtoend.ServiceExtension;
import io.e2relay.deploy.endtoend.Until;
import io.e2relay.protocol.error.ErrorCode;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.record.EpochRecord;
import io.e2relay.protocol.record.Fault;
import io.e2relay.protocol.record.RosterRole;
import io.e2relay.protocol.record.Signer;
import io.e2relay.protocol.wire.Advice;
import io.e2relay.protocol.wire.ClientFrame;
import io.e2relay.protocol.wire.Member;
import io.e2relay.protocol.wire.MemberState;
import io.e2relay.protocol.wire.Role;
import io.e2relay.protocol.wire.ServerFrame;
import io.e2relay.protocol.wire.WrapJob;
import io.e2relay.protocol.wire.WrapJobKind;
import io.e2relay.protocol.wire.WrapJobsWaiting;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// A server that wants one more reader in a conversation, and has nobody's signature for it.
final class MembershipAttackIT {
  private static final Duration SOON = Duration.ofSeconds(60);
  private static final ByteString KEY = ByteString.copyFromUtf8("a key that only the server knows");

  @RegisterExtension
  static final ServiceExtension SERVICE = new ServiceExtension();

  @Test
  void an_epoch_signed_by_a_stranger_is_refused() throws Exception {
    try (World world = new World(SERVICE)) {
      Impostor stranger = world.stranger();
      EpochRecord last = world.ledger.epoch(world.chat);
      refused(world, stranger, stranger.epoch(last, stranger.signer(), stranger.entry(RosterRole.MEMBER), KEY),
          Fault.NOT_A_SIGNER);
      World.shown("epoch_of_a_stranger", Fault.NOT_A_SIGNER);
    }
  }

  @Test
  void an_epoch_in_the_name_of_a_member_without_the_members_signature_is_refused() throws Exception {
    try (World world = new World(SERVICE)) {
      Impostor stranger = world.stranger();
      EpochRecord last = world.ledger.epoch(world.chat);
      Signer alice = last.statement().rotator();
      refused(world, stranger, stranger.epoch(last, alice, stranger.entry(RosterRole.MEMBER), KEY),
          Fault.BAD_SIGNATURE);
      World.shown("epoch_in_a_members_name", Fault.BAD_SIGNATURE);
    }
  }

  @Test
  void a_member_whom_only_the_server_names_gets_no_key() throws Exception {
    try (World world = new World(SERVICE)) {
      Impostor stranger = world.stranger();
      Member member = Member.newBuilder().setUid(stranger.uid().bytes()).setRole(Role.ROLE_MEMBER)
          .setState(MemberState.MEMBER_STATE_ACTIVE).build();
      try (Attack _ = world.server.onFrames(account(stranger));
          Attack _ = world.server.onFrames(Lies.conversation(world.chat, shown -> shown.addMembers(member)))) {
        assertEquals(2, world.alice.in(world.chat).members().size(), "shown are those of the signed roster");
        world.alice.alarmed(new Alarm.MemberUnsigned(world.chat, stranger.uid()));
        world.alice.in(world.chat).rotate();
        world.alice.says(world.chat, "behind the attack");
        world.bob.hears(world.chat, "hello", "hello, Alice", "behind the attack");
      }
      assertEquals(2, world.ledger.epochs(world.chat).size());
      world.assertNothingLeftFor(stranger.uid());
      addingSomebodyRealSucceeds(world);
      assertEquals(List.of(new Alarm.MemberUnsigned(world.chat, stranger.uid())), world.alice.alarms());
      World.shown("member_of_the_server", "MemberUnsigned");
    }
  }

  @Test
  void a_member_whom_the_server_demands_in_the_roster_gets_no_key() throws Exception {
    try (World world = new World(SERVICE)) {
      Impostor stranger = world.stranger();
      try (Attack _ = world.server.onFrames(account(stranger));
          Attack _ = world.server
              .onRequests(Edit.answer(ClientFrame::hasPutEpoch, _ -> Lies.refusal(ErrorCode.ROSTER_MISMATCH,
                  Advice.ADVICE_REFRESH_KEYS, error -> error.addUids(stranger.uid().bytes()))))) {
        RefusedException refused = assertThrows(RefusedException.class, () -> world.alice.in(world.chat).rotate());
        assertEquals(ErrorCode.ROSTER_MISMATCH.number(), refused.code());
      }
      world.assertNothingLeftFor(stranger.uid());
      addingSomebodyRealSucceeds(world);
      World.shown("member_demanded_by_the_server", ErrorCode.ROSTER_MISMATCH);
    }
  }

  @Test
  void no_work_is_done_for_somebody_who_is_in_no_signed_roster() throws Exception {
    try (World world = new World(SERVICE)) {
      Impostor stranger = world.stranger();
      Edit<ServerFrame> jobs = Edit.change(ServerFrame::hasWrapJobs, frame -> {
        ServerFrame.Builder changed = frame.toBuilder();
        changed.getWrapJobsBuilder().addJobs(job(world, stranger.uid(), WrapJobKind.WRAP_JOB_KIND_ACTIVATE))
            .addJobs(job(world, stranger.uid(), WrapJobKind.WRAP_JOB_KIND_GRANT));
        return changed.build();
      });
      try (Attack _ = world.server.onFrames(account(stranger)); Attack _ = world.server.onFrames(jobs)) {
        world.server.tell(world.alice.name(), ServerFrame.newBuilder()
            .setWrapJobsWaiting(WrapJobsWaiting.newBuilder().setConversationId(world.chat.bytes())).build());
        Until.holds(SOON, "alice was given the work", () -> world.server.told(world.alice.name()).stream()
            .anyMatch(frame -> frame.getWrapJobs().getJobsCount() >= 2));
        world.alice.says(world.chat, "behind the attack");
      }
      assertEquals(1, world.ledger.epochs(world.chat).size());
      world.assertNothingLeftFor(stranger.uid());
      addingSomebodyRealSucceeds(world);
      World.shown("work_for_a_stranger", "no_wrap");
    }
  }

  /// Bob is told that there is a newer epoch, and is shown this one.
  private static void refused(World world, Impostor stranger, EpochRecord forged, Fault fault) {
    Alarm expected = new Alarm.RecordRefused(world.chat, fault);
    try (Attack _ = world.server.onFrames(account(stranger));
        Attack _ = world.server.onFrames(Lies
            .epochs(world.chat, shown -> shown.addRecords(forged.bytes()).setCurrentEpoch(2)).only(world.bob.name()));
        Attack _ = world.server.onRequests(Lies.moved(world.chat, 2).only(world.bob.name()))) {
      BlockedException blocked = assertThrows(BlockedException.class, () -> world.bob.says(world.chat, "to whom?"));
      assertEquals(expected, blocked.alarm());
    }
    world.bob.alarmed(expected);
    assertEquals(List.of(expected), world.bob.alarms());
    assertEquals(List.of(), world.server.asked(world.bob.name()).stream()
        .filter(frame -> frame.hasSend() && frame.getSend().getEpoch() != 1).toList());
    world.assertNothingLeftFor(stranger.uid());
    addingSomebodyRealSucceeds(world);
  }

  /// The control: the next epoch, with one more in the roster, by somebody who may.
  private static void addingSomebodyRealSucceeds(World world) {
    Person carol = world.person("carol");
    world.alice.in(world.chat).add(carol.uid());
    world.alice.says(world.chat, "welcome");
    carol.hears(world.chat, "welcome");
    world.bob.hearsLast(world.chat, "welcome");
    world.bob.says(world.chat, "hello, Carol");
    carol.hears(world.chat, "welcome", "hello, Carol");
  }

  private static Edit<ServerFrame> account(Impostor stranger) {
    return Lies.account(stranger.uid(), List.of(stranger.account().record().bytes()));
  }

  private static WrapJob job(World world, Uid stranger, WrapJobKind kind) {
    return WrapJob.newBuilder().setConversationId(world.chat.bytes()).setKind(kind).addUids(stranger.bytes())
        .setEpoch(1).build();
  }
}
