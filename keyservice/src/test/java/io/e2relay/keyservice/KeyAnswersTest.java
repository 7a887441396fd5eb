// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice;

import static io.e2relay.keyservice.Station.random;
import static io.e2relay.keyservice.Station.user;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.e2relay.keyservice.account.InMemoryAccounts;
import io.e2relay.keyservice.backup.InMemoryBackups;
import io.e2relay.keyservice.backup.Sample;
import io.e2relay.keyservice.conversation.InMemoryConversations;
import io.e2relay.keyservice.epoch.InMemoryEpochs;
import io.e2relay.keyservice.membership.Membership;
import io.e2relay.keyservice.membership.Named;
import io.e2relay.protocol.bus.Bus;
import io.e2relay.protocol.bus.wire.ConversationReply;
import io.e2relay.protocol.bus.wire.CreateCall;
import io.e2relay.protocol.bus.wire.SignInCall;
import io.e2relay.protocol.error.ErrorCode;
import io.e2relay.protocol.id.Ids;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.wire.ConversationPage;
import io.e2relay.protocol.wire.CreateConversation;
import io.e2relay.protocol.wire.History;
import io.e2relay.protocol.wire.Member;
import io.e2relay.protocol.wire.TrustLevel;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Vertx;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.TimeoutException;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class KeyAnswersTest {
  private static final List<ByteString> NO_IDS = List.of(ByteString.EMPTY, random(15), random(17), random(31),
      random(33));

  private final Vertx vertx = Vertx.vertx();
  private final KeyNews news = new KeyNews(Bus.of(vertx, Duration.ofMillis(100)), Duration.ofMillis(100),
      new KeyMetrics(new SimpleMeterRegistry()), () -> {
      });
  private final InMemoryAccounts kept = new InMemoryAccounts();
  private final DeviceAnswers devices = new DeviceAnswers(kept,
      new InMemoryBackups(new InMemoryBackups.Kept(), Sample.peppers(Sample.FIRST)), news, InstantSource.system(),
      Duration.ofDays(90));
  private final EpochAnswers epochs = new EpochAnswers(new InMemoryEpochs(kept, 3), news, InstantSource.system());
  private final KeyAnswers answers = new KeyAnswers(new InMemoryConversations(new Membership(3), 100), devices, epochs,
      news, new SecureRandom());
  private final Uid caller = user();
  private final ByteString id = answers.create(Station.creation(caller)).getConversation().getConversationId();

  @AfterEach
  void close() throws TimeoutException {
    vertx.close().await(10, SECONDS);
  }

  @Test
  void what_cannot_be_an_id_is_malformed_in_every_question() {
    for (ByteString bytes : NO_IDS) {
      Stream<ConversationReply> replies = Stream.of(answers.get(Station.get(caller, bytes)),
          answers.get(Station.get(caller, id).toBuilder().setCaller(bytes).build()),
          answers.add(Station.add(caller, bytes)),
          answers.add(Station.add(caller, id, user()).toBuilder().addMembers(bytes).build()),
          answers.remove(Station.remove(caller, bytes)),
          answers.remove(Station.remove(caller, id, user()).toBuilder().addMembers(bytes).build()),
          answers.leave(Station.leave(caller, bytes)), answers.join(Station.join(caller, bytes, random(16))),
          answers.join(Station.join(caller, id, bytes)),
          answers.join(Station.join(caller, id, random(16)).toBuilder().setTenant(bytes).build()),
          answers.create(Station.creation(caller).toBuilder().setCaller(bytes).build()),
          answers.create(Station.creation(caller).toBuilder().setTenant(bytes).build()),
          answers.create(with(request -> request.setRequestId(bytes))),
          answers.create(with(request -> request.addMembers(bytes))));
      replies.forEach(reply -> assertEquals(Replies.MALFORMED, reply.getRefusal()));
      assertEquals(Replies.MALFORMED, answers.membership(Station.membership(caller, bytes)).getRefusal());
      assertEquals(Replies.MALFORMED, answers.roster(Station.roster(bytes, 1)).getRefusal());
      assertEquals(Replies.MALFORMED,
          answers.list(Station.list(caller).toBuilder().setCaller(bytes).build()).getRefusal());
      assertEquals(Replies.MALFORMED,
          answers.list(Station.list(caller).toBuilder().setAfter(random(31)).build()).getRefusal());
    }
    assertTrue(answers.get(Station.get(caller, id)).hasConversation());
    assertTrue(answers.list(Station.list(caller).toBuilder().setAfter(random(32)).build()).hasPage());
  }

  @Test
  void a_name_that_cannot_be_kept_is_malformed() {
    for (String name : List.of("", "a\0b")) {
      SignInCall call = SignInCall.newBuilder().setDeviceId(random(16)).setTenant(Named.TENANT.bytes())
          .setUid(Ids.uid(Named.TENANT, name).bytes()).setSubject(name).build();
      assertEquals(Replies.MALFORMED, answers.signIn(call).getRefusal());
    }
    assertFalse(answers.signIn(Station.signIn("a b")).hasRefusal());
  }

  @Test
  void only_open_conversations_with_a_history_we_know_are_made() {
    assertEquals(ErrorCode.UNSUPPORTED.refusal(),
        answers.create(with(request -> request.setLevel(TrustLevel.TRUST_LEVEL_TRANSIT))).getRefusal());
    assertEquals(ErrorCode.UNSUPPORTED.refusal(),
        answers.create(with(request -> request.setLevelValue(77))).getRefusal());
    assertEquals(Replies.MALFORMED, answers.create(with(request -> request.setHistoryValue(77))).getRefusal());
    assertEquals(History.HISTORY_FROM_JOIN,
        answers.create(with(request -> request.setHistory(History.HISTORY_FROM_JOIN))).getConversation().getHistory());
  }

  @Test
  void without_a_link_there_is_no_secret() {
    assertEquals(ByteString.EMPTY,
        answers.create(with(request -> request.setJoinByLink(false))).getConversation().getLinkSecret());
    assertEquals(16,
        answers.create(with(request -> request.setJoinByLink(true))).getConversation().getLinkSecret().size());
  }

  @Test
  void one_member_more_than_the_limit_is_refused() {
    assertTrue(answers.add(Station.add(caller, id, user(), user())).hasConversation());
    assertEquals(ErrorCode.LIMIT_EXCEEDED.refusal(), answers.add(Station.add(caller, id, user())).getRefusal());
  }

  @Test
  void a_limit_of_a_list_is_never_above_its_maximum() {
    Uid user = user();
    for (int i = 0; i < 101; i++) {
      answers.create(Station.creation(user));
    }
    for (int limit : new int[]{0, 100, 101, -1}) {
      ConversationPage page = answers.list(Station.list(user).toBuilder().setLimit(limit).build()).getPage();
      assertEquals(100, page.getConversationsCount());
      assertTrue(page.getMore());
    }
    assertEquals(7, answers.list(Station.list(user).toBuilder().setLimit(7).build()).getPage().getConversationsCount());
  }

  @Test
  void a_user_of_another_tenant_who_was_added_unseen_leaves_on_signing_in() {
    String name = "frank";
    Uid foreigner = Ids.uid(Named.OTHER_TENANT, name);
    answers.add(Station.add(caller, id, foreigner));
    SignInCall call = SignInCall.newBuilder().setDeviceId(random(16)).setTenant(Named.OTHER_TENANT.bytes())
        .setUid(foreigner.bytes()).setSubject(name).build();
    assertEquals(2, answers.signIn(call).getUserVersion());
    assertEquals(List.of(caller.bytes()),
        answers.get(Station.get(caller, id)).getConversation().getMembersList().stream().map(Member::getUid).toList());
  }

  private CreateCall with(UnaryOperator<CreateConversation.Builder> change) {
    CreateCall call = Station.creation(caller);
    return call.toBuilder().setRequest(change.apply(call.getRequest().toBuilder())).build();
  }
}
