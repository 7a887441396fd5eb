// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import io.e2relay.keyservice.backup.Peppers;
import io.e2relay.keyservice.backup.Sample;
import io.e2relay.keyservice.membership.Named;
import io.e2relay.protocol.bus.Bus;
import io.e2relay.protocol.bus.Call;
import io.e2relay.protocol.bus.Calls;
import io.e2relay.protocol.bus.wire.AccountChangedHint;
import io.e2relay.protocol.bus.wire.AddCall;
import io.e2relay.protocol.bus.wire.CommittedHint;
import io.e2relay.protocol.bus.wire.ConversationReply;
import io.e2relay.protocol.bus.wire.CreateCall;
import io.e2relay.protocol.bus.wire.DetachCall;
import io.e2relay.protocol.bus.wire.DetachReply;
import io.e2relay.protocol.bus.wire.DevicesCall;
import io.e2relay.protocol.bus.wire.DevicesReply;
import io.e2relay.protocol.bus.wire.GetCall;
import io.e2relay.protocol.bus.wire.JoinCall;
import io.e2relay.protocol.bus.wire.LeaveCall;
import io.e2relay.protocol.bus.wire.ListCall;
import io.e2relay.protocol.bus.wire.MembershipCall;
import io.e2relay.protocol.bus.wire.RemoveCall;
import io.e2relay.protocol.bus.wire.RosterCall;
import io.e2relay.protocol.bus.wire.SignInCall;
import io.e2relay.protocol.bus.wire.UsersChangedHint;
import io.e2relay.protocol.config.Postgres;
import io.e2relay.protocol.id.ConversationId;
import io.e2relay.protocol.id.DeviceId;
import io.e2relay.protocol.id.Ids;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.wire.CreateConversation;
import io.e2relay.protocol.wire.TrustLevel;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.ThreadingModel;
import io.vertx.core.Vertx;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/// A key service on a bus of its own, and somebody to ask it and to hear its news.
final class Station implements AutoCloseable {
  static final Duration WITHIN = Duration.ofMillis(1_500);

  private static final SecureRandom RANDOM = new SecureRandom();

  final Vertx vertx = Vertx.vertx();
  final Bus bus = Bus.of(vertx, Duration.ofSeconds(20));
  final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  final BlockingQueue<CommittedHint> committed = new LinkedBlockingQueue<>();
  final BlockingQueue<UsersChangedHint> usersChanged = new LinkedBlockingQueue<>();
  final BlockingQueue<AccountChangedHint> accountChanged = new LinkedBlockingQueue<>();
  final BlockingQueue<DetachCall> detached = new LinkedBlockingQueue<>();
  final BlockingQueue<DevicesCall> devices = new LinkedBlockingQueue<>();
  /// A relay's answer to the next news of a user's devices.
  volatile Future<DevicesReply> devicesAnswer = Future.succeededFuture(DevicesReply.getDefaultInstance());
  private Bus.@Nullable Registration relay;

  Station(Postgres postgres, KeyConfig config) throws TimeoutException {
    this(postgres, config, Sample.peppers(Sample.FIRST));
  }

  Station(Postgres postgres, KeyConfig config, Peppers peppers) throws TimeoutException {
    bus.listen(Calls.COMMITTED, committed::add).await(5, SECONDS);
    bus.listen(Calls.ACCOUNT_CHANGED, accountChanged::add).await(5, SECONDS);
    bus.listen(Calls.USERS_CHANGED, usersChanged::add).await(5, SECONDS);
    bus.answer(Calls.DEVICES, call -> {
      devices.add(call);
      return devicesAnswer;
    }).await(5, SECONDS);
    vertx.deployVerticle(() -> new KeyVerticle(bus, config, postgres, peppers, new KeyMetrics(registry)),
        new DeploymentOptions().setThreadingModel(ThreadingModel.VIRTUAL_THREAD)).await(20, SECONDS);
  }

  /// From now on a relay answers questions to detach with this.
  void relayAnswers(Future<DetachReply> reply) throws TimeoutException {
    if (relay != null) {
      relay.unregister().await(5, SECONDS);
    }
    relay = bus.answer(Calls.DETACH, call -> {
      detached.add(call);
      return reply;
    }).await(5, SECONDS);
  }

  <Q extends Message, A extends Message> A ask(Call<Q, A> call, Q question) throws TimeoutException {
    return bus.ask(call, question).await(20, SECONDS);
  }

  <Q extends Message, A extends Message> A askInTime(Call<Q, A> call, Q question) throws TimeoutException {
    return bus.ask(call, question).await(WITHIN.toMillis(), MILLISECONDS);
  }

  ConversationReply create(Uid creator, Uid... others) throws TimeoutException {
    return ask(Calls.CREATE, creation(creator, others));
  }

  static CreateCall creation(Uid creator, Uid... others) {
    CreateConversation.Builder request = CreateConversation.newBuilder().setRequestId(random(16))
        .setLevel(TrustLevel.TRUST_LEVEL_OPEN).setJoinByLink(true);
    List.of(others).forEach(uid -> request.addMembers(uid.bytes()));
    return CreateCall.newBuilder().setTenant(Named.TENANT.bytes()).setCaller(creator.bytes()).setRequest(request)
        .build();
  }

  static SignInCall signIn(String subject) {
    return SignInCall.newBuilder().setTenant(Named.TENANT.bytes()).setUid(Ids.uid(Named.TENANT, subject).bytes())
        .setSubject(subject).setDeviceId(random(DeviceId.BYTES)).build();
  }

  static GetCall get(Uid caller, ByteString id) {
    return GetCall.newBuilder().setCaller(caller.bytes()).setConversationId(id).build();
  }

  static ListCall list(Uid caller) {
    return ListCall.newBuilder().setCaller(caller.bytes()).build();
  }

  static AddCall add(Uid caller, ByteString id, Uid... members) {
    return AddCall.newBuilder().setCaller(caller.bytes()).setConversationId(id)
        .addAllMembers(List.of(members).stream().map(Uid::bytes).toList()).build();
  }

  static RemoveCall remove(Uid caller, ByteString id, Uid... members) {
    return RemoveCall.newBuilder().setCaller(caller.bytes()).setConversationId(id)
        .addAllMembers(List.of(members).stream().map(Uid::bytes).toList()).build();
  }

  static LeaveCall leave(Uid caller, ByteString id) {
    return LeaveCall.newBuilder().setCaller(caller.bytes()).setConversationId(id).build();
  }

  /// As a relay asks for a connection whose device has proven itself.
  static RemoveCall provenRemove(Uid caller, ByteString id, Uid... members) {
    return remove(caller, id, members).toBuilder().setDeviceProven(true).build();
  }

  static JoinCall join(Uid caller, ByteString id, ByteString secret) {
    return JoinCall.newBuilder().setTenant(Named.TENANT.bytes()).setCaller(caller.bytes()).setConversationId(id)
        .setLinkSecret(secret).build();
  }

  static MembershipCall membership(Uid uid, ByteString id) {
    return MembershipCall.newBuilder().setUid(uid.bytes()).setConversationId(id).build();
  }

  static RosterCall roster(ByteString id, long epoch) {
    return RosterCall.newBuilder().setConversationId(id).setEpoch(epoch).build();
  }

  static Uid user() {
    return new Uid(random(Uid.BYTES));
  }

  static ByteString nowhere() {
    return random(ConversationId.BYTES);
  }

  static ByteString random(int length) {
    byte[] bytes = new byte[length];
    RANDOM.nextBytes(bytes);
    return ByteString.copyFrom(bytes);
  }

  @Override
  public void close() throws TimeoutException {
    vertx.close().await(20, SECONDS);
  }
}
