// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.epoch;

import static java.util.Objects.requireNonNull;

import com.google.protobuf.ByteString;
import io.e2relay.keyservice.account.Accounts;
import io.e2relay.keyservice.conversation.Controls;
import io.e2relay.keyservice.conversation.Conversations;
import io.e2relay.keyservice.conversation.InMemoryConversations;
import io.e2relay.keyservice.conversation.News;
import io.e2relay.keyservice.conversation.Outcome;
import io.e2relay.keyservice.conversation.View;
import io.e2relay.keyservice.membership.Change;
import io.e2relay.keyservice.membership.Conversation;
import io.e2relay.keyservice.membership.Encryption;
import io.e2relay.keyservice.membership.Member;
import io.e2relay.keyservice.membership.Membership;
import io.e2relay.keyservice.membership.Phase;
import io.e2relay.protocol.error.ErrorCode;
import io.e2relay.protocol.id.ConversationId;
import io.e2relay.protocol.id.Epoch;
import io.e2relay.protocol.id.TenantId;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.record.AccountKey;
import io.e2relay.protocol.record.AccountRecord;
import io.e2relay.protocol.record.EpochRecord;
import io.e2relay.protocol.record.EpochStatement;
import io.e2relay.protocol.record.Fault;
import io.e2relay.protocol.record.GenesisStatement;
import io.e2relay.protocol.record.Reading;
import io.e2relay.protocol.record.RosterEntry;
import io.e2relay.protocol.wire.ChangeKind;
import io.e2relay.protocol.wire.Control;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Epochs, and the conversations they are of, that forget everything with the process.
public final class InMemoryEpochs implements Epochs {
  private record Kept(EpochRecord record, Outcome.LogEntry entry) {
  }

  private record Request(Uid uid, ByteString id) {
  }

  private record Made(ConversationId id, ByteString record) {
  }

  private final Accounts accounts;
  private final InMemoryConversations conversations;
  private final EpochRules rules;
  private final FoundationRules foundations;
  private final Map<ConversationId, List<Kept>> records = new HashMap<>();
  private final Map<ConversationId, Map<Uid, TreeMap<Long, ByteString>>> wraps = new HashMap<>();
  private final Map<Request, Made> requests = new HashMap<>();
  private final Map<Set<Uid>, ConversationId> directs = new HashMap<>();

  public InMemoryEpochs(Accounts accounts, int membersMax) {
    this.accounts = accounts;
    this.conversations = new InMemoryConversations(new Membership(membersMax), 1000,
        (id, gone) -> gone.forEach(wraps.getOrDefault(id, new HashMap<>())::remove));
    this.rules = new EpochRules(membersMax);
    this.foundations = new FoundationRules(membersMax);
  }

  public Conversations conversations() {
    return conversations;
  }

  @Override
  public synchronized Founding found(Foundation wish, ByteString requestId, long nowMs) {
    Objection unfit = FoundationRules.unfit(wish, GenesisStatement.NO_PREDECESSOR);
    if (unfit != null) {
      return new Founding.Refused(unfit);
    }
    Request request = new Request(wish.by().uid(), requestId);
    Made made = new Made(wish.id(), wish.first().record().hash().bytes());
    Made before = requests.get(request);
    if (before != null) {
      return before.equals(made)
          ? seen(made.id(), wish.by().uid())
          : new Founding.Refused(Objection.of(ErrorCode.DUPLICATE_DIFFERS));
    }
    EpochRuling ruling = foundations.decide(wish, holders(wish.by().tenant(), wish.first().record().statement()));
    if (ruling instanceof EpochRuling.Refused(Objection why)) {
      return new Founding.Refused(why);
    }
    EpochRuling.Open open = (EpochRuling.Open) ruling;
    ConversationId other = direct(open.after());
    if (other != null) {
      return seen(other, wish.by().uid());
    }
    if (conversations.now(wish.id()) != null) {
      return seen(wish.id(), wish.by().uid());
    }
    News news = open(open, wish.first());
    if (news == null) {
      return new Founding.Refused(Objection.of(ErrorCode.NOT_ALLOWED));
    }
    take(open.after());
    requests.put(request, made);
    return new Founding.Founded(conversations.view(open.after()), List.of(news));
  }

  @Override
  public synchronized Founding upgrade(ConversationId id, Foundation wish, long nowMs) {
    Conversation old = conversations.now(id);
    if (old == null || !old.roster().contains(wish.by().uid())) {
      return new Founding.Refused(Objection.of(ErrorCode.NOT_A_MEMBER));
    }
    Objection unfit = FoundationRules.unfit(wish, id);
    if (unfit != null) {
      return new Founding.Refused(unfit);
    }
    if (wish.id().equals(old.phase().successor())) {
      return seen(wish.id(), wish.by().uid());
    }
    EpochRuling ruling = foundations.decide(old, wish, holders(old.tenant(), wish.first().record().statement()));
    if (ruling instanceof EpochRuling.Refused(Objection why)) {
      return new Founding.Refused(why);
    }
    EpochRuling.Open open = (EpochRuling.Open) ruling;
    News news = direct(open.after()) == null ? open(open, wish.first()) : null;
    if (news == null) {
      return new Founding.Refused(Objection.of(ErrorCode.NOT_ALLOWED));
    }
    take(open.after());
    Uid by = wish.by().uid();
    List<Change> ending = List.of(new Change(ChangeKind.CHANGE_KIND_UPGRADED, by, by));
    Control.Builder entry = Controls.of(id, old.epoch(), ending).setClosed(true).setSuccessor(wish.id().bytes());
    News end = requireNonNull(
        conversations.save(old.in(new Phase(true, wish.id()), old.roster()), ending, entry, Set.of()));
    return new Founding.Founded(conversations.view(open.after()), List.of(news, end));
  }

  @Override
  public synchronized Opening put(EpochPut put, long nowMs) {
    Conversation now = conversations.now(put.conversation());
    if (now == null || !now.roster().contains(put.by().uid())) {
      return new Opening.Refused(Objection.of(ErrorCode.NOT_A_MEMBER));
    }
    Objection unfit = EpochRules.unfit(put);
    if (unfit != null) {
      return new Opening.Refused(unfit);
    }
    if (!records.containsKey(now.id())) {
      return new Opening.Refused(Objection.of(Fault.WRONG_CONTEXT));
    }
    Kept last = requireNonNull(records.get(now.id())).getLast();
    return switch (rules.decide(now, last.record(), holders(now.tenant(), put.epoch().record().statement()), put)) {
      case EpochRuling.Known _ -> new Opening.Before(now.epoch(), last.entry());
      case EpochRuling.Refused(Objection why) -> new Opening.Refused(why);
      case EpochRuling.Open open -> {
        News news = open(open, put.epoch());
        yield news == null
            ? new Opening.Refused(Objection.of(ErrorCode.NOT_ALLOWED))
            : new Opening.Opened(open.after().epoch(), news);
      }
    };
  }

  @Override
  public synchronized Chapter records(ConversationId id, Uid caller, long after) {
    Conversation now = conversations.now(id);
    if (now == null || !now.roster().contains(caller)) {
      return new Chapter.Refused(Objection.of(ErrorCode.NOT_A_MEMBER));
    }
    Encryption encryption = now.encryption();
    if (encryption == null) {
      return new Chapter.Refused(Objection.of(ErrorCode.UNSUPPORTED));
    }
    return new Chapter.Records(after == 0 ? encryption.genesis().bytes() : ByteString.EMPTY,
        requireNonNull(records.get(id)).stream().skip(after).map(kept -> kept.record().bytes()).toList(), now.epoch(),
        false);
  }

  @Override
  public synchronized Keyring wraps(ConversationId id, Uid caller, long after) {
    Conversation now = conversations.now(id);
    Member member = now == null ? null : now.roster().member(caller);
    if (now == null || member == null) {
      return new Keyring.Refused(Objection.of(ErrorCode.NOT_A_MEMBER));
    }
    if (now.encryption() == null) {
      return new Keyring.Refused(Objection.of(ErrorCode.UNSUPPORTED));
    }
    if (!member.active()) {
      return new Keyring.Refused(Objection.of(ErrorCode.MEMBER_PENDING));
    }
    List<Wrap> mine = new ArrayList<>();
    requireNonNull(wraps.get(id)).getOrDefault(caller, new TreeMap<>()).tailMap(after, false)
        .forEach((epoch, wrap) -> mine.add(new Wrap(new Epoch(epoch), wrap, ByteString.EMPTY)));
    return new Keyring.Wraps(mine, false);
  }

  private @Nullable News open(EpochRuling.Open open, Sealed sealed) {
    Conversation after = open.after();
    Conversation before = conversations.now(after.id());
    Set<Uid> concerned = before == null
        ? new HashSet<>(after.roster().members().stream().map(Member::uid).toList())
        : InMemoryConversations.concerned(before, after);
    EpochStatement statement = sealed.record().statement();
    News news = conversations.save(after, open.changes(),
        Controls.of(after.id(), after.epoch(), open.changes()).setEpochHash(sealed.record().hash().bytes()), concerned);
    if (news == null) {
      return null;
    }
    records.computeIfAbsent(after.id(), _ -> new ArrayList<>())
        .add(new Kept(sealed.record(), new Outcome.LogEntry(news.control().getSeq(), news.control().getReceivedMs())));
    List<Uid> active = statement.roster().stream().filter(RosterEntry::active).map(RosterEntry::uid).toList();
    for (int i = 0; i < active.size(); i++) {
      wraps.computeIfAbsent(after.id(), _ -> new HashMap<>()).computeIfAbsent(active.get(i), _ -> new TreeMap<>())
          .put(statement.epoch().value(), sealed.wraps().get(i));
    }
    return news;
  }

  private @Nullable ConversationId direct(Conversation made) {
    ConversationId other = made.direct() ? directs.get(pair(made)) : null;
    Conversation there = other == null ? null : conversations.now(other);
    return there != null && pair(made).stream().allMatch(there.roster()::contains) ? other : null;
  }

  private void take(Conversation made) {
    if (made.direct()) {
      directs.put(pair(made), made.id());
    }
  }

  private static Set<Uid> pair(Conversation made) {
    return Set.copyOf(made.roster().members().stream().map(Member::uid).toList());
  }

  private Founding seen(ConversationId id, Uid caller) {
    View view = conversations.view(id, caller);
    return view == null ? new Founding.Refused(Objection.of(ErrorCode.NOT_A_MEMBER)) : new Founding.Found(view);
  }

  private Holders holders(TenantId tenant, EpochStatement statement) {
    Map<Uid, AccountKey> newest = new HashMap<>();
    Set<Uid> barred = new HashSet<>();
    for (RosterEntry entry : statement.roster()) {
      AccountRecord account = accounts.newest(entry.uid());
      if (account != null && account.statement().tenant().equals(tenant)) {
        newest.put(entry.uid(),
            new AccountKey(account.statement().seq(), account.hash(), account.statement().aekGen()));
      } else if (account != null) {
        barred.add(entry.uid());
      }
    }
    return new Holders(newest, barred, new io.e2relay.protocol.verify.Accounts() {
      @Override
      public Optional<AccountRecord> record(Uid uid, long seq) {
        return accounts.chains(tenant, Map.of(uid, seq - 1)).chains().stream()
            .flatMap(chain -> chain.records().stream().limit(1))
            .map(bytes -> ((Reading.Read<AccountRecord>) AccountRecord.read(bytes)).value()).findFirst();
      }

      @Override
      public Optional<AccountRecord> newest(Uid uid) {
        return Optional.ofNullable(accounts.newest(uid));
      }
    });
  }
}
