// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.conversation;

import com.google.protobuf.ByteString;
import io.e2relay.keyservice.membership.Change;
import io.e2relay.keyservice.membership.Conversation;
import io.e2relay.keyservice.membership.Creation;
import io.e2relay.keyservice.membership.Decision;
import io.e2relay.keyservice.membership.Member;
import io.e2relay.keyservice.membership.Membership;
import io.e2relay.keyservice.membership.ReadableEpochs;
import io.e2relay.keyservice.membership.Request;
import io.e2relay.protocol.error.ErrorCode;
import io.e2relay.protocol.id.ConversationId;
import io.e2relay.protocol.id.Epoch;
import io.e2relay.protocol.id.TenantId;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.wire.MemberState;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Conversations that keep every roster of every epoch whole, in plain maps.
public final class InMemoryConversations implements Conversations {
  private record User(@Nullable TenantId tenant, @Nullable String subject, long version) {
  }

  private record Asked(Uid uid, ByteString requestId) {
  }

  private record Made(ConversationId id, ByteString contentHash) {
  }

  private final Membership rules;
  private final int listMembersMax;
  private final Map<ConversationId, List<Conversation>> epochs = new TreeMap<>(
      Comparator.comparing(ConversationId::bytes, ByteString.unsignedLexicographicalComparator()));
  private final Map<Uid, User> users = new HashMap<>();
  private final Map<Asked, Made> requests = new HashMap<>();

  public InMemoryConversations(Membership rules, int listMembersMax) {
    this.rules = rules;
    this.listMembersMax = listMembersMax;
  }

  @Override
  public synchronized SignIn signIn(TenantId tenant, Uid uid, String subject) {
    User known = users.getOrDefault(uid, new User(null, null, 1));
    if ((known.tenant() != null && !known.tenant().equals(tenant))
        || (known.subject() != null && !known.subject().equals(subject))) {
      throw new IllegalStateException("a uid belongs to two users");
    }
    List<ConversationId> astray = epochs.values().stream().map(List::getLast)
        .filter(now -> now.roster().contains(uid) && !now.tenant().equals(tenant)).map(Conversation::id).toList();
    users.put(uid, new User(tenant, astray.isEmpty() ? subject : null, known.version()));
    return astray.isEmpty() ? new SignIn.Done(known.version()) : new SignIn.Astray(astray);
  }

  @Override
  public synchronized Outcome create(Creation wish) {
    Decision decision = rules.create(wish);
    if (!(decision instanceof Decision.Changed changed)) {
      return new Outcome.Refused(((Decision.Refused) decision).code());
    }
    Asked asked = new Asked(wish.creator(), wish.requestId());
    Made made = requests.get(asked);
    if (made != null && !made.contentHash().equals(wish.contentHash())) {
      return new Outcome.Refused(ErrorCode.DUPLICATE_DIFFERS);
    }
    if (made != null) {
      View view = view(made.id(), wish.creator());
      return view == null ? new Outcome.Refused(ErrorCode.NOT_A_MEMBER) : new Outcome.Unchanged(view);
    }
    Outcome outcome = save(changed, Set.of());
    if (outcome instanceof Outcome.Changed) {
      requests.put(asked, new Made(wish.id(), wish.contentHash()));
    }
    return outcome;
  }

  @Override
  public synchronized Outcome change(ConversationId id, Request request) {
    List<Conversation> history = epochs.get(id);
    if (history == null) {
      return new Outcome.Refused(ErrorCode.NOT_A_MEMBER);
    }
    Conversation now = history.getLast();
    return switch (rules.decide(now, request)) {
      case Decision.Changed changed -> {
        Set<Uid> concerned = new HashSet<>();
        now.roster().unlike(changed.after().roster()).forEach(member -> concerned.add(member.uid()));
        changed.after().roster().unlike(now.roster()).forEach(member -> concerned.add(member.uid()));
        yield save(changed, concerned);
      }
      case Decision.Unchanged _ -> new Outcome.Unchanged(view(now));
      case Decision.Refused(ErrorCode code) -> new Outcome.Refused(code);
    };
  }

  private Outcome save(Decision.Changed changed, Set<Uid> concerned) {
    Conversation after = changed.after();
    for (Member member : after.roster().members()) {
      User user = users.get(member.uid());
      boolean newcomer = changed.changes().stream().anyMatch(change -> change.uid().equals(member.uid()));
      if (newcomer && user != null && user.tenant() != null && !user.tenant().equals(after.tenant())) {
        return new Outcome.Refused(ErrorCode.NOT_ALLOWED);
      }
    }
    Set<Uid> touched = new HashSet<>(concerned);
    changed.changes().stream().map(Change::uid).forEach(touched::add);
    Map<Uid, Long> versions = new HashMap<>();
    for (Uid uid : touched) {
      User user = users.getOrDefault(uid, new User(null, null, 0));
      users.put(uid, new User(user.tenant(), user.subject(), user.version() + 1));
      versions.put(uid, user.version() + 1);
    }
    List<Conversation> history = epochs.computeIfAbsent(after.id(), _ -> new ArrayList<>());
    history.add(after);
    return new Outcome.Changed(view(after), changed.changes(), new Outcome.LogEntry(history.size(), 1), versions);
  }

  @Override
  public synchronized @Nullable View view(ConversationId id, Uid caller) {
    List<Conversation> history = epochs.get(id);
    return history == null || !history.getLast().roster().contains(caller) ? null : view(history.getLast());
  }

  @Override
  public synchronized Listing list(Uid uid, @Nullable ConversationId after, int limit) {
    ByteString start = after == null ? ByteString.EMPTY : after.bytes();
    List<View> page = new ArrayList<>();
    boolean more = false;
    int members = 0;
    for (List<Conversation> history : epochs.values()) {
      Conversation now = history.getLast();
      if (now.roster().contains(uid)
          && ByteString.unsignedLexicographicalComparator().compare(now.id().bytes(), start) > 0 && !more) {
        members += now.roster().size();
        more = page.size() == limit || (!page.isEmpty() && members > listMembersMax);
        if (!more) {
          page.add(view(now));
        }
      }
    }
    User user = users.get(uid);
    return new Listing(page, more, user == null ? 0 : user.version());
  }

  @Override
  public synchronized @Nullable Standing standing(ConversationId id, Uid uid) {
    List<Conversation> history = epochs.getOrDefault(id, List.of());
    if (history.isEmpty()) {
      return null;
    }
    Conversation now = history.getLast();
    Member member = now.roster().member(uid);
    List<ReadableEpochs.Interval> intervals = new ArrayList<>();
    for (Conversation at : history) {
      Member then = at.roster().member(uid);
      if (then != null) {
        intervals.add(
            new ReadableEpochs.Interval(at.epoch(), at.epoch().equals(now.epoch()) ? null : at.epoch(), then.state()));
      }
    }
    return member == null
        ? null
        : new Standing(now.level(), now.epoch(), member, ReadableEpochs.ranges(now.history(), intervals));
  }

  @Override
  public synchronized @Nullable ActiveRoster roster(ConversationId id, Epoch epoch) {
    List<Conversation> history = epochs.getOrDefault(id, List.of());
    if (history.size() < epoch.value()) {
      return null;
    }
    Conversation then = history.get((int) epoch.value() - 1);
    return new ActiveRoster(then.level(), then.roster().members().stream()
        .filter(member -> member.state() == MemberState.MEMBER_STATE_ACTIVE).map(Member::uid).toList());
  }

  private View view(Conversation now) {
    Map<Uid, String> subjects = new HashMap<>();
    for (Member member : now.roster().members()) {
      User user = users.get(member.uid());
      if (user != null && user.subject() != null) {
        subjects.put(member.uid(), Objects.requireNonNull(user.subject()));
      }
    }
    return new View(now, subjects, 1);
  }
}
