// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.e2ee;

import static java.util.Objects.requireNonNull;

import com.google.protobuf.ByteString;
import io.e2relay.client.Refusals;
import io.e2relay.client.SealedListener;
import io.e2relay.protocol.error.ErrorCode;
import io.e2relay.protocol.id.ConversationId;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.record.AccountRecord;
import io.e2relay.protocol.record.Fault;
import io.e2relay.protocol.wire.Account;
import io.e2relay.protocol.wire.AccountChanged;
import io.e2relay.protocol.wire.AccountQuery;
import io.e2relay.protocol.wire.Accounts;
import io.e2relay.protocol.wire.CaughtUp;
import io.e2relay.protocol.wire.ClientFrame;
import io.e2relay.protocol.wire.ConversationChanged;
import io.e2relay.protocol.wire.ConversationPage;
import io.e2relay.protocol.wire.CreateConversation;
import io.e2relay.protocol.wire.Done;
import io.e2relay.protocol.wire.Entry;
import io.e2relay.protocol.wire.Fetch;
import io.e2relay.protocol.wire.MemberReady;
import io.e2relay.protocol.wire.MemberRemoved;
import io.e2relay.protocol.wire.Page;
import io.e2relay.protocol.wire.PutEpoch;
import io.e2relay.protocol.wire.Send;
import io.e2relay.protocol.wire.Sent;
import io.e2relay.protocol.wire.ServerFrame;
import io.e2relay.protocol.wire.Welcome;
import io.e2relay.protocol.wire.WrapJobs;
import io.e2relay.protocol.wire.WrapJobsWaiting;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;

/// Plays the key service and the log in memory, with the rules that clients can run into; it verifies no signature.
final class PlayedService {
  private final Map<Uid, List<AccountRecord>> accounts = new HashMap<>();
  private final Map<ByteString, PlayedConversation> conversations = new LinkedHashMap<>();
  private final Map<Uid, Online> online = new HashMap<>();
  // How many entries of logs were sent, by themselves or because they were asked for.
  private final Map<Uid, Integer> entries = new HashMap<>();

  // Lets members be put out who were not reset.
  volatile boolean colluding;

  private static final class Online {
    final SealedListener sealed;
    final Consumer<ServerFrame> news;
    final ExecutorService thread = Executors.newSingleThreadExecutor(Thread.ofVirtual().factory());
    final Map<ByteString, Integer> cursors = new HashMap<>();

    Online(SealedListener sealed, Consumer<ServerFrame> news) {
      this.sealed = sealed;
      this.news = news;
    }

    void tell(ServerFrame.Builder frame) {
      thread.execute(() -> news.accept(frame.build()));
    }
  }

  long nowMs() {
    return System.currentTimeMillis();
  }

  synchronized void account(Uid uid, List<AccountRecord> records) {
    boolean turned = accounts.containsKey(uid)
        && accounts.get(uid).getLast().statement().aekGen() < records.getLast().statement().aekGen();
    accounts.put(uid, records);
    for (PlayedConversation conversation : conversations.values()) {
      if (conversation.isMember(uid)) {
        if (turned && conversation.isActive(uid)) {
          conversation.close();
        }
        if (!conversation.isActive(uid)) {
          conversation.offer(uid);
        }
        flush(conversation);
      }
    }
    online.values().forEach(one -> one.tell(ServerFrame.newBuilder().setAccountChanged(
        AccountChanged.newBuilder().setUid(uid.bytes()).setLastSeq(records.getLast().statement().seq()))));
  }

  synchronized void listen(Uid uid, SealedListener sealed, Consumer<ServerFrame> news) {
    Online one = new Online(sealed, news);
    online.put(uid, one);
    one.tell(ServerFrame.newBuilder().setWelcome(Welcome.getDefaultInstance()));
    conversations.values().forEach(conversation -> {
      flush(conversation);
      caughtUp(one, conversation);
    });
  }

  /// How many entries were sent to them, since they were last asked about.
  synchronized int entries(Uid uid) {
    Integer sent = entries.remove(uid);
    return sent == null ? 0 : sent;
  }

  private static void caughtUp(Online one, PlayedConversation conversation) {
    one.thread.execute(() -> one.sealed.entry(ServerFrame.newBuilder()
        .setCaughtUp(CaughtUp.newBuilder().setConversationId(conversation.id()).setLastSeq(conversation.log.size()))
        .build()));
  }

  synchronized void forget(Uid uid) {
    requireNonNull(online.remove(uid)).thread.shutdown();
  }

  /// What somebody follows ends, as for whoever is no member any more or has no key.
  synchronized void ends(EncryptedConversation conversation, Uid uid) {
    tell(uid, ServerFrame.newBuilder()
        .setMemberRemoved(MemberRemoved.newBuilder().setConversationId(conversation.id().bytes())));
  }

  synchronized PlayedConversation played(EncryptedConversation conversation) {
    return conversation(conversation.id().bytes());
  }

  synchronized ServerFrame answer(Person person, ClientFrame asked) {
    Uid uid = person.uid();
    ServerFrame.Builder answer = ServerFrame.newBuilder();
    return (switch (asked.getBodyCase()) {
      case GET_ACCOUNTS -> answer.setAccounts(accounts(asked.getGetAccounts().getAccountsList()));
      case LIST_CONVERSATIONS -> answer.setConversationPage(ConversationPage.newBuilder().addAllConversations(
          conversations.values().stream().filter(one -> one.isMember(uid)).map(PlayedConversation::shown).toList()));
      case CREATE_CONVERSATION -> answer.setConversation(create(person, asked.getCreateConversation()).shown());
      case GET_CONVERSATION -> answer.setConversation(of(uid, asked.getGetConversation().getConversationId()).shown());
      case GET_EPOCHS -> answer
          .setEpochs(of(uid, asked.getGetEpochs().getConversationId()).epochs(asked.getGetEpochs().getAfterEpoch()));
      case GET_WRAPS -> answer
          .setWraps(of(uid, asked.getGetWraps().getConversationId()).wraps(uid, asked.getGetWraps().getAfterEpoch()));
      case PUT_EPOCH -> answer.setEpochPut(put(person, asked.getPutEpoch()));
      case PUT_GRANT -> {
        conversations.values().forEach(one -> one.grant(asked.getPutGrant()).ifPresent(this::ready));
        yield answer.setDone(Done.getDefaultInstance());
      }
      case BAD_WRAP -> {
        of(uid, asked.getBadWrap().getConversationId()).bad(uid, asked.getBadWrap().getEpoch());
        waiting(asked.getBadWrap().getConversationId());
        yield answer.setDone(Done.getDefaultInstance());
      }
      case REMOVE_MEMBERS -> {
        PlayedConversation conversation = of(uid, asked.getRemoveMembers().getConversationId());
        asked.getRemoveMembers().getMembersList().forEach(gone -> remove(conversation, new Uid(gone)));
        yield answer.setConversation(conversation.shown());
      }
      case TAKE_WRAP_JOBS -> answer.setWrapJobs(WrapJobs.newBuilder().addAllJobs(conversations.values().stream()
          .filter(one -> one.isActive(uid)).flatMap(one -> one.takeJobs(uid).stream()).toList()));
      case SEND -> answer.setSent(send(person, asked.getSend()));
      case FETCH -> {
        Page page = page(uid, of(uid, asked.getFetch().getConversationId()), asked.getFetch());
        entries.merge(uid, page.getEntriesCount(), Integer::sum);
        yield answer.setPage(page);
      }
      default -> throw Refusals.of(ErrorCode.UNSUPPORTED);
    }).build();
  }

  private Accounts accounts(List<AccountQuery> queries) {
    Accounts.Builder answer = Accounts.newBuilder();
    for (AccountQuery query : queries) {
      List<AccountRecord> records = accounts.getOrDefault(new Uid(query.getUid()), List.of());
      if (!records.isEmpty()) {
        answer.addAccounts(Account.newBuilder().setUid(query.getUid()).setLastSeq(records.size())
            .addAllRecords(records.stream().skip(query.getAfterSeq()).map(AccountRecord::bytes).toList()));
      }
    }
    return answer.build();
  }

  private PlayedConversation create(Person person, CreateConversation asked) {
    PlayedConversation fresh = new PlayedConversation(asked.getGenesis());
    Optional<PlayedConversation> older = conversations.values().stream().filter(one -> one.isSamePair(asked))
        .findFirst();
    if (older.isPresent()) {
      return older.get();
    }
    fresh.put(person.uid(), asked.getRecord(), asked.getWrapsList());
    conversations.put(fresh.id(), fresh);
    changed(fresh);
    flush(fresh);
    return fresh;
  }

  private io.e2relay.protocol.wire.EpochPut put(Person person, PutEpoch asked) {
    PlayedConversation conversation = of(person.uid(), asked.getConversationId());
    var stale = conversation.stale(asked.getRecord(), accounts);
    if (!stale.isEmpty()) {
      throw Refusals.of(ErrorCode.STALE_KEYS, stale);
    }
    if (!colluding && conversation.lowers(asked.getRecord(), accounts)) {
      throw Refusals.of(ErrorCode.RECORD_REFUSED, Fault.RULE_BROKEN);
    }
    List<Uid> waited = conversation.waiting();
    var put = conversation.put(person.uid(), asked.getRecord(), asked.getWrapsList());
    changed(conversation);
    conversation.waiting().stream().filter(accounts::containsKey).forEach(uid -> {
      conversation.offer(uid);
      waiting(conversation.id());
    });
    waited.stream().filter(conversation::isActive).forEach(uid -> tell(uid, ServerFrame.newBuilder()
        .setMemberReady(MemberReady.newBuilder().setConversationId(conversation.id()).setEpoch(put.getEpoch()))));
    flush(conversation);
    return put;
  }

  private Sent send(Person person, Send send) {
    PlayedConversation conversation = of(person.uid(), send.getConversationId());
    Sent sent = conversation.send(person.uid(), person.keys().device().bytes(), send);
    flush(conversation);
    return sent;
  }

  private void remove(PlayedConversation conversation, Uid gone) {
    conversation.remove(gone);
    tell(gone,
        ServerFrame.newBuilder().setMemberRemoved(MemberRemoved.newBuilder().setConversationId(conversation.id())));
    flush(conversation);
    waiting(conversation.id());
  }

  private static Page page(Uid uid, PlayedConversation conversation, Fetch asked) {
    if (!conversation.isActive(uid)) {
      throw Refusals.of(ErrorCode.MEMBER_PENDING);
    }
    List<Entry> entries = conversation.log(uid);
    long upto = asked.getUptoSeq() == 0 ? entries.size() : Math.min(asked.getUptoSeq(), entries.size());
    return Page.newBuilder()
        .addAllEntries(
            entries.stream().skip(asked.getAfterSeq()).limit(Math.max(0, upto - asked.getAfterSeq())).toList())
        .setThroughSeq(upto).setLastSeq(entries.size()).build();
  }

  /// Everything in the log that they may have and have not yet.
  private void flush(PlayedConversation conversation) {
    online.forEach((uid, one) -> {
      List<Entry> log = conversation.isActive(uid) ? conversation.log(uid) : List.of();
      int from = one.cursors.computeIfAbsent(conversation.id(),
          id -> (int) Math.min(log.size(), one.sealed.from(new ConversationId(id))));
      for (int i = from; i < log.size(); i++) {
        Entry entry = log.get(i);
        entries.merge(uid, 1, Integer::sum);
        ServerFrame.Builder frame = ServerFrame.newBuilder();
        if (entry.hasMessage()) {
          frame.setMessage(entry.getMessage());
        } else if (entry.hasGap()) {
          frame.setGap(entry.getGap());
        } else {
          frame.setControl(entry.getControl());
        }
        one.thread.execute(() -> one.sealed.entry(frame.build()));
      }
      one.cursors.merge(conversation.id(), log.size(), Math::max);
    });
  }

  private void changed(PlayedConversation conversation) {
    online.keySet().stream().filter(conversation::isMember).forEach(uid -> tell(uid, ServerFrame.newBuilder()
        .setConversationChanged(ConversationChanged.newBuilder().setConversationId(conversation.id()))));
  }

  private void waiting(ByteString conversation) {
    online.values().forEach(one -> one.tell(
        ServerFrame.newBuilder().setWrapJobsWaiting(WrapJobsWaiting.newBuilder().setConversationId(conversation))));
  }

  private void ready(MemberReady ready, Uid uid) {
    tell(uid, ServerFrame.newBuilder().setMemberReady(ready));
  }

  private void ready(Map.Entry<Uid, MemberReady> ready) {
    ready(ready.getValue(), ready.getKey());
  }

  private void tell(Uid uid, ServerFrame.Builder frame) {
    if (online.containsKey(uid)) {
      online.get(uid).tell(frame);
    }
  }

  private PlayedConversation of(Uid uid, ByteString id) {
    if (!conversations.containsKey(id) || !conversation(id).isMember(uid)) {
      throw Refusals.of(ErrorCode.NOT_A_MEMBER);
    }
    return conversation(id);
  }

  private PlayedConversation conversation(ByteString id) {
    return requireNonNull(conversations.get(id));
  }

  static List<Uid> uids(List<ByteString> bytes) {
    return new ArrayList<>(bytes.stream().map(Uid::new).toList());
  }
}
