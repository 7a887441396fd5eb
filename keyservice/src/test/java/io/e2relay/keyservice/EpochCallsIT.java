// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.e2relay.backing.BackingExtension;
import io.e2relay.keyservice.account.Owner;
import io.e2relay.keyservice.conversation.KeySchemas;
import io.e2relay.keyservice.epoch.Draft;
import io.e2relay.keyservice.epoch.EpochPut;
import io.e2relay.keyservice.epoch.Foundation;
import io.e2relay.keyservice.epoch.Holder;
import io.e2relay.keyservice.membership.Named;
import io.e2relay.protocol.bus.Calls;
import io.e2relay.protocol.bus.wire.CreateCall;
import io.e2relay.protocol.bus.wire.DetachCall;
import io.e2relay.protocol.bus.wire.DetachReply;
import io.e2relay.protocol.bus.wire.GetEpochsCall;
import io.e2relay.protocol.bus.wire.GetWrapsCall;
import io.e2relay.protocol.bus.wire.Membership;
import io.e2relay.protocol.bus.wire.PutAccountCall;
import io.e2relay.protocol.bus.wire.PutEpochCall;
import io.e2relay.protocol.bus.wire.PutEpochReply;
import io.e2relay.protocol.bus.wire.Refusal;
import io.e2relay.protocol.bus.wire.Roster;
import io.e2relay.protocol.bus.wire.SignInCall;
import io.e2relay.protocol.bus.wire.UpgradeCall;
import io.e2relay.protocol.config.Postgres;
import io.e2relay.protocol.config.Settings;
import io.e2relay.protocol.error.ErrorCode;
import io.e2relay.protocol.id.ConversationId;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.wire.ChangeKind;
import io.e2relay.protocol.wire.Control;
import io.e2relay.protocol.wire.Conversation;
import io.e2relay.protocol.wire.CreateConversation;
import io.e2relay.protocol.wire.Epochs;
import io.e2relay.protocol.wire.GetEpochs;
import io.e2relay.protocol.wire.GetWraps;
import io.e2relay.protocol.wire.MemberState;
import io.e2relay.protocol.wire.PutAccount;
import io.e2relay.protocol.wire.PutEpoch;
import io.e2relay.protocol.wire.TrustLevel;
import io.e2relay.protocol.wire.UpgradeConversation;
import io.vertx.core.Future;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

/// Encrypted conversations over the bus, against real PostgreSQL.
@ExtendWith(BackingExtension.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class EpochCallsIT {
  private final Station station;

  EpochCallsIT(Postgres postgres) throws TimeoutException {
    KeySchemas.migrate(postgres);
    station = new Station(postgres, KeyConfig.read(new Settings(Map.of("keys.timeout.ms", "10000"))));
  }

  @BeforeEach
  void aRelayThatDetaches() throws TimeoutException {
    station.relayAnswers(Future.succeededFuture(DetachReply.getDefaultInstance()));
    station.committed.clear();
    station.usersChanged.clear();
    station.detached.clear();
  }

  @AfterAll
  void close() throws TimeoutException {
    station.close();
  }

  @Test
  void a_conversation_begins_turns_its_key_and_loses_a_member() throws Exception {
    Holder anne = somebody();
    Holder bob = somebody();
    Uid carol = Station.user();
    Draft first = Draft.group(anne, bob).pending(carol);
    Conversation made = station.ask(Calls.CREATE, creation(first.foundation())).getConversation();
    assertEquals(first.id().bytes(), made.getConversationId());
    assertEquals(TrustLevel.TRUST_LEVEL_E2EE, made.getLevel());
    assertEquals(first.genesis.bytes(), made.getGenesis());
    assertEquals(first.record().hash().bytes(), made.getEpochHash());
    assertFalse(made.getClosed());
    assertEquals(first.record().hash().bytes(), control().getEpochHash());
    assertEquals(made, station.ask(Calls.GET, Station.get(carol, first.id().bytes())).getConversation());
    assertEquals(List.of(made), station.ask(Calls.LIST, Station.list(bob.uid())).getPage().getConversationsList());

    Draft second = first.next().by(bob);
    EpochPut put = second.put();
    PutEpochReply opened = station.ask(Calls.PUT_EPOCH, call(put));
    assertEquals(2, opened.getPut().getEpoch());
    assertEquals(2, opened.getPut().getSeq());
    assertFalse(opened.getPut().getDuplicate());
    Control rotated = control();
    assertEquals(ChangeKind.CHANGE_KIND_ROTATED, rotated.getChanges(0).getKind());
    assertEquals(second.record().hash().bytes(), rotated.getEpochHash());
    assertEquals(opened.getPut().toBuilder().setDuplicate(true).build(),
        station.ask(Calls.PUT_EPOCH, call(put)).getPut());

    Epochs records = station.ask(Calls.GET_EPOCHS, records(carol, first, 0)).getEpochs();
    assertEquals(List.of(first.record().bytes(), second.record().bytes()), records.getRecordsList());
    assertEquals(first.genesis.bytes(), records.getGenesis());
    assertEquals(2, records.getCurrentEpoch());
    assertEquals(2, station.ask(Calls.GET_WRAPS, wraps(anne.uid(), first)).getWraps().getWrapsCount());
    assertEquals(ErrorCode.MEMBER_PENDING.refusal(), station.ask(Calls.GET_WRAPS, wraps(carol, first)).getRefusal());
    Membership pending = station.ask(Calls.MEMBERSHIP, Station.membership(carol, first.id().bytes())).getMembership();
    assertEquals(MemberState.MEMBER_STATE_PENDING, pending.getState());
    assertEquals(List.of(), pending.getReadableList());
    Roster roster = station.ask(Calls.ROSTER, Station.roster(first.id().bytes(), 2)).getRoster();
    assertEquals(second.record().hash().bytes(), roster.getEpochHash());
    assertEquals(2, roster.getUidsCount());

    assertEquals(ErrorCode.DEVICE_UNPROVEN.refusal(),
        station.ask(Calls.REMOVE, Station.remove(anne.uid(), first.id().bytes(), bob.uid())).getRefusal());
    assertEquals(ErrorCode.DEVICE_UNPROVEN.refusal(),
        station.ask(Calls.LEAVE, Station.leave(bob.uid(), first.id().bytes())).getRefusal());
    Conversation closed = station.ask(Calls.REMOVE, Station.provenRemove(anne.uid(), first.id().bytes(), bob.uid()))
        .getConversation();
    assertTrue(closed.getClosed());
    assertEquals(2, closed.getEpoch());
    assertEquals(DetachCall.newBuilder().setConversationId(first.id().bytes()).addUids(bob.uid().bytes()).build(),
        station.detached.poll(10, SECONDS));
    assertTrue(control().getClosed());
    assertEquals(Replies.NOT_A_MEMBER, station.ask(Calls.GET_WRAPS, wraps(bob.uid(), first)).getRefusal());
    assertEquals(Replies.NOT_A_MEMBER, station.ask(Calls.GET_EPOCHS, records(bob.uid(), first, 0)).getRefusal());
  }

  @Test
  void a_refusal_says_what_has_to_be_fetched() throws Exception {
    Holder anne = somebody();
    Holder bob = somebody();
    Draft first = Draft.group(anne, bob);
    assertTrue(station.ask(Calls.CREATE, creation(first.foundation())).hasConversation());
    assertEquals(ErrorCode.ROSTER_MISMATCH.refusal().toBuilder().addUids(bob.uid().bytes()).build(),
        refusal(first.next().without(bob.uid())));
    assertEquals(ErrorCode.STALE_KEYS.refusal().toBuilder().addUids(bob.uid().bytes()).build(),
        refusal(first.next().member(new Holder(Named.TENANT, bob.uid(), anne.owner.nowMs))));
    assertEquals(ErrorCode.EPOCH_MOVED.refusal().toBuilder().setCurrentEpoch(1).build(), refusal(first.next().next()));
    Draft forged = first.next();
    forged.forger = bob;
    assertEquals(ErrorCode.RECORD_REFUSED.refusal().toBuilder().setFault("BAD_SIGNATURE").build(), refusal(forged));
    PutEpochCall cut = call(first.next().put());
    assertEquals(ErrorCode.RECORD_REFUSED.refusal().toBuilder().setFault("TRUNCATED").build(),
        station.ask(Calls.PUT_EPOCH, cut.toBuilder()
            .setRequest(cut.getRequest().toBuilder().setRecord(cut.getRequest().getRecord().substring(0, 100))).build())
            .getRefusal());
    assertEquals(ErrorCode.RECORD_REQUIRED.refusal(),
        station
            .ask(Calls.ADD,
                Station.add(anne.uid(), first.id().bytes(), Station.user()).toBuilder().setDeviceProven(true).build())
            .getRefusal());
    assertTrue(station.ask(Calls.PUT_EPOCH, call(first.next().put())).hasPut());
  }

  @Test
  void an_encrypted_conversation_needs_its_papers_and_names_nobody_beside_them() throws Exception {
    Holder anne = somebody();
    Foundation wish = Draft.group(anne).foundation();
    CreateCall good = creation(wish);
    assertEquals(ErrorCode.RECORD_REQUIRED.refusal(),
        station.ask(Calls.CREATE, with(good, good.getRequest().toBuilder().clearGenesis())).getRefusal());
    assertEquals(ErrorCode.RECORD_REQUIRED.refusal(),
        station.ask(Calls.CREATE, with(good, good.getRequest().toBuilder().clearRecord())).getRefusal());
    assertEquals(ErrorCode.NOT_ALLOWED.refusal(), station
        .ask(Calls.CREATE, with(good, good.getRequest().toBuilder().addMembers(Station.user().bytes()))).getRefusal());
    assertEquals(ErrorCode.NOT_ALLOWED.refusal(),
        station.ask(Calls.CREATE, with(good, good.getRequest().toBuilder().setJoinByLink(true))).getRefusal());
    assertEquals(ErrorCode.RECORD_REFUSED.refusal().toBuilder().setFault("TRUNCATED").build(),
        station
            .ask(Calls.CREATE,
                with(good, good.getRequest().toBuilder().setGenesis(wish.genesis().bytes().substring(0, 9))))
            .getRefusal());
    assertEquals(ErrorCode.RECORD_REFUSED.refusal().toBuilder().setFault("TRUNCATED").build(),
        station
            .ask(Calls.CREATE,
                with(good, good.getRequest().toBuilder().setRecord(wish.first().record().bytes().substring(0, 9))))
            .getRefusal());
    assertEquals(Replies.MALFORMED, station.ask(Calls.CREATE, good.toBuilder().clearDeviceId().build()).getRefusal());
    assertTrue(station.ask(Calls.CREATE, good).hasConversation());
  }

  @Test
  void a_bot_is_in_no_encrypted_conversation() throws Exception {
    Holder anne = somebody();
    Draft first = Draft.group(anne);
    assertTrue(station.ask(Calls.CREATE, creation(first.foundation())).hasConversation());
    SignInCall arriving = Station.signIn("hal");
    Uid hal = new Uid(arriving.getUid());
    assertFalse(station.ask(Calls.SIGN_IN, arriving.toBuilder().setBot(true).build()).hasRefusal());
    assertEquals(ErrorCode.NOT_ALLOWED.refusal(), refusal(first.next().pending(hal)));
    assertEquals(ErrorCode.NOT_ALLOWED.refusal(),
        station.ask(Calls.CREATE, creation(Draft.group(anne).pending(hal).foundation())).getRefusal());
    ByteString open = station.create(anne.uid(), hal).getConversation().getConversationId();
    UpgradeCall upgrade = upgrade(anne, open, Draft.of(upgraded(open), anne).pending(hal).foundation());
    assertEquals(ErrorCode.NOT_ALLOWED.refusal(), station.ask(Calls.UPGRADE, upgrade).getRefusal());

    assertFalse(station.ask(Calls.SIGN_IN, arriving).hasRefusal());
    assertTrue(station.ask(Calls.UPGRADE, upgrade).hasConversation());
    assertTrue(station.ask(Calls.PUT_EPOCH, call(first.next().pending(hal).put())).hasPut());
    IO.println("shown: bot put_epoch=NOT_ALLOWED create=NOT_ALLOWED upgrade=NOT_ALLOWED control=same_user_no_bot");
  }

  @Test
  void an_upgrade_is_told_to_both() throws Exception {
    Holder anne = somebody();
    Holder bob = somebody();
    ByteString open = station.create(anne.uid(), bob.uid()).getConversation().getConversationId();
    control();
    station.usersChanged.clear();
    Draft first = Draft.of(upgraded(open), anne).member(bob);
    UpgradeCall call = upgrade(anne, open, first.foundation());
    Conversation made = station.ask(Calls.UPGRADE, call).getConversation();
    assertEquals(first.id().bytes(), made.getConversationId());
    assertEquals(first.id().bytes(), control().getConversationId());
    Control end = control();
    assertEquals(open, end.getConversationId());
    assertEquals(first.id().bytes(), end.getSuccessor());
    assertTrue(end.getClosed());
    assertEquals(2, station.usersChanged.size());
    Conversation old = station.ask(Calls.GET, Station.get(bob.uid(), open)).getConversation();
    assertEquals(first.id().bytes(), old.getSuccessor());
    assertTrue(old.getClosed());
    assertEquals(made, station.ask(Calls.UPGRADE, call).getConversation());
    assertEquals(ErrorCode.UPGRADED.refusal(),
        station.ask(Calls.ADD, Station.add(anne.uid(), open, Station.user())).getRefusal());
  }

  @Test
  void what_cannot_be_an_id_is_malformed() throws Exception {
    Holder anne = somebody();
    PutEpochCall put = call(Draft.group(anne).next().put());
    ByteString bytes = Station.random(15);
    for (PutEpochCall wrong : List.of(put.toBuilder().setTenant(bytes).build(),
        put.toBuilder().setCaller(bytes).build(), put.toBuilder().setDeviceId(bytes).build(),
        put.toBuilder().setRequest(put.getRequest().toBuilder().setConversationId(bytes)).build())) {
      assertEquals(Replies.MALFORMED, station.ask(Calls.PUT_EPOCH, wrong).getRefusal());
    }
    assertEquals(Replies.MALFORMED, station.ask(Calls.GET_EPOCHS, GetEpochsCall.getDefaultInstance()).getRefusal());
    assertEquals(Replies.MALFORMED, station.ask(Calls.GET_WRAPS, GetWrapsCall.getDefaultInstance()).getRefusal());
    assertEquals(Replies.MALFORMED, station.ask(Calls.UPGRADE, UpgradeCall.getDefaultInstance()).getRefusal());
    assertEquals(Replies.NOT_A_MEMBER, station.ask(Calls.PUT_EPOCH, put).getRefusal());
  }

  private Holder somebody() throws TimeoutException {
    Holder holder = new Holder(Named.TENANT, Station.user(), System.currentTimeMillis());
    var put = holder.owner.put(holder.account());
    assertTrue(station.ask(Calls.PUT_ACCOUNT,
        PutAccountCall.newBuilder().setTenant(Named.TENANT.bytes()).setCaller(holder.uid().bytes())
            .setRequest(PutAccount.newBuilder().setRecord(put.record().bytes()).addAllDeviceWraps(put.wraps())).build())
        .hasDone());
    return holder;
  }

  private Refusal refusal(Draft draft) throws TimeoutException {
    return station.ask(Calls.PUT_EPOCH, call(draft.put())).getRefusal();
  }

  private static Draft.Terms upgraded(ByteString open) {
    return Draft.Terms.GROUP.after(new ConversationId(open));
  }

  private static UpgradeCall upgrade(Holder by, ByteString open, Foundation wish) {
    return UpgradeCall.newBuilder().setTenant(Named.TENANT.bytes()).setCaller(by.uid().bytes())
        .setDeviceId(by.author().device().bytes())
        .setRequest(UpgradeConversation.newBuilder().setConversationId(open).setGenesis(wish.genesis().bytes())
            .setRecord(wish.first().record().bytes()).addAllWraps(wish.first().wraps()))
        .build();
  }

  private static CreateCall creation(Foundation wish) {
    return CreateCall.newBuilder().setTenant(wish.by().tenant().bytes()).setCaller(wish.by().uid().bytes())
        .setDeviceId(wish.by().device().bytes())
        .setRequest(CreateConversation.newBuilder().setRequestId(Owner.random(16)).setLevel(TrustLevel.TRUST_LEVEL_E2EE)
            .setGenesis(wish.genesis().bytes()).setRecord(wish.first().record().bytes())
            .addAllWraps(wish.first().wraps()))
        .build();
  }

  private static CreateCall with(CreateCall call, CreateConversation.Builder request) {
    return call.toBuilder().setRequest(request).build();
  }

  private static PutEpochCall call(EpochPut put) {
    return PutEpochCall.newBuilder().setTenant(put.by().tenant().bytes()).setCaller(put.by().uid().bytes())
        .setDeviceId(put.by().device().bytes())
        .setRequest(PutEpoch.newBuilder().setConversationId(put.conversation().bytes())
            .setRecord(put.epoch().record().bytes()).addAllWraps(put.epoch().wraps()))
        .build();
  }

  private static GetEpochsCall records(Uid caller, Draft of, long after) {
    return GetEpochsCall.newBuilder().setCaller(caller.bytes())
        .setRequest(GetEpochs.newBuilder().setConversationId(of.id().bytes()).setAfterEpoch(after)).build();
  }

  private static GetWrapsCall wraps(Uid caller, Draft of) {
    return GetWrapsCall.newBuilder().setCaller(caller.bytes())
        .setRequest(GetWraps.newBuilder().setConversationId(of.id().bytes())).build();
  }

  private Control control() throws InterruptedException {
    var hint = station.committed.poll(10, SECONDS);
    assertNotNull(hint, "nothing was told");
    return hint.getEntries(0).getControl();
  }
}
