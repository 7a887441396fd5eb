// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.conversation;

import com.google.protobuf.ByteString;
import io.e2relay.keyservice.membership.Change;
import io.e2relay.keyservice.membership.Conversation;
import io.e2relay.keyservice.membership.Creation;
import io.e2relay.keyservice.membership.Decision;
import io.e2relay.keyservice.membership.Encryption;
import io.e2relay.keyservice.membership.Member;
import io.e2relay.keyservice.membership.Membership;
import io.e2relay.keyservice.membership.ReadableEpochs;
import io.e2relay.keyservice.membership.Request;
import io.e2relay.protocol.error.ErrorCode;
import io.e2relay.protocol.id.ConversationId;
import io.e2relay.protocol.id.Epoch;
import io.e2relay.protocol.id.TenantId;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.wire.Control;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/// Conversations that keep every state of theirs whole, in plain maps: one for each entry of their logs.
public final class InMemoryConversations implements Conversations {
  private record User(@Nullable TenantId tenant, @Nullable String subject, long version) {
  }

  private record Asked(Uid uid, ByteString requestId) {
  }

  private record Made(ConversationId id, ByteString contentHash) {
  }

  private final Membership rules;
  private final int listMembersMax;
  private final Map<ConversationId, List<Conversation>> states = new TreeMap<>(
      Comparator.comparing(ConversationId::bytes, ByteString.unsignedLexicographicalComparator()));
  private final Map<Uid, User> users = new HashMap<>();
  private final Map<Asked, Made> requests = new HashMap<>();

  private final BiConsumer<ConversationId, List<Uid>> removed;

  public InMemoryConversations(Membership rules, int listMembersMax) {
    this(rules, listMembersMax, (_, _) -> {
    });
  }

  /// @param removed hears of everybody who is a member no longer
  public InMemoryConversations(Membership rules, int listMembersMax, BiConsumer<ConversationId, List<Uid>> removed) {
    this.rules = rules;
    this.listMembersMax = listMembersMax;
    this.removed = removed;
  }

  public synchronized @Nullable Conversation now(ConversationId id) {
    List<Conversation> history = states.get(id);
    return history == null ? null : history.getLast();
  }

  /// Saves a state that others decided on; null where it would let somebody of another tenant in.
  public synchronized @Nullable News save(Conversation after, List<Change> changes, Control.Builder entry,
      Set<Uid> concerned) {
    for (Member member : after.roster().members()) {
      User user = users.get(member.uid());
      boolean newcomer = changes.stream().anyMatch(change -> change.uid().equals(member.uid()));
      if (newcomer && user != null && user.tenant() != null && !user.tenant().equals(after.tenant())) {
        return null;
      }
    }
    Set<Uid> touched = new HashSet<>(concerned);
    changes.stream().map(Change::uid).forEach(touched::add);
    Map<Uid, Long> versions = new HashMap<>();
    for (Uid uid : touched) {
      User user = users.getOrDefault(uid, new User(null, null, 0));
      users.put(uid, new User(user.tenant(), user.subject(), user.version() + 1));
      versions.put(uid, user.version() + 1);
    }
    List<Conversation> history = states.computeIfAbsent(after.id(), _ -> new ArrayList<>());
    history.add(after);
    return new News(entry.setSeq(history.size()).setReceivedMs(1).build(), changes, versions);
  }

  /// Whose membership is another in the later roster than in the earlier.
  public static Set<Uid> concerned(Conversation before, Conversation after) {
    Set<Uid> concerned = new HashSet<>();
    before.roster().unlike(after.roster()).forEach(member -> concerned.add(member.uid()));
    after.roster().unlike(before.roster()).forEach(member -> concerned.add(member.uid()));
    return concerned;
  }

  @Override
  public synchronized SignIn signIn(TenantId tenant, Uid uid, String subject) {
    User known = users.getOrDefault(uid, new User(null, null, 1));
    if ((known.tenant() != null && !known.tenant().equals(tenant))
        || (known.subject() != null && !known.subject().equals(subject))) {
      throw new IllegalStateException("a uid belongs to two users");
    }
    List<ConversationId> astray = states.values().stream().map(List::getLast)
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
    List<Conversation> history = states.get(id);
    if (history == null) {
      return new Outcome.Refused(ErrorCode.NOT_A_MEMBER);
    }
    Conversation now = history.getLast();
    return switch (rules.decide(now, request)) {
      case Decision.Changed changed -> {
        Outcome outcome = save(changed, concerned(now, changed.after()));
        List<Uid> gone = changed.changes().stream().filter(Change::ends).map(Change::uid).toList();
        removed.accept(id, gone);
        yield outcome;
      }
      case Decision.Unchanged _ -> new Outcome.Unchanged(view(now));
      case Decision.Refused(ErrorCode code) -> new Outcome.Refused(code);
    };
  }

  private Outcome save(Decision.Changed changed, Set<Uid> concerned) {
    Conversation after = changed.after();
    News news = save(after, changed.changes(),
        Controls.of(after.id(), after.epoch(), changed.changes()).setClosed(!changed.open()), concerned);
    return news == null ? new Outcome.Refused(ErrorCode.NOT_ALLOWED) : new Outcome.Changed(view(after), news);
  }

  @Override
  public synchronized @Nullable View view(ConversationId id, Uid caller) {
    List<Conversation> history = states.get(id);
    return history == null || !history.getLast().roster().contains(caller) ? null : view(history.getLast());
  }

  @Override
  public synchronized Listing list(Uid uid, @Nullable ConversationId after, int limit) {
    ByteString start = after == null ? ByteString.EMPTY : after.bytes();
    List<View> page = new ArrayList<>();
    boolean more = false;
    int members = 0;
    for (List<Conversation> history : states.values()) {
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
    List<Conversation> history = states.getOrDefault(id, List.of());
    if (history.isEmpty()) {
      return null;
    }
    Conversation now = history.getLast();
    Member member = now.roster().member(uid);
    List<ReadableEpochs.Interval> intervals = new ArrayList<>();
    for (Conversation at : begun(history)) {
      Member then = at.roster().member(uid);
      if (then != null) {
        intervals.add(
            new ReadableEpochs.Interval(at.epoch(), at.epoch().equals(now.epoch()) ? null : at.epoch(), then.state()));
      }
    }
    return member == null
        ? null
        : new Standing(now.level(), now.epoch(), member, ReadableEpochs.ranges(now.history(), intervals, List.of()));
  }

  @Override
  public synchronized @Nullable ActiveRoster roster(ConversationId id, Epoch epoch) {
    return begun(states.getOrDefault(id, List.of())).stream().filter(at -> at.epoch().equals(epoch)).findFirst()
        .map(InMemoryConversations::active).orElse(null);
  }

  /// The states in which epochs began, whose rosters are theirs for good.
  private static List<Conversation> begun(List<Conversation> history) {
    List<Conversation> begun = new ArrayList<>();
    for (Conversation at : history) {
      if (begun.isEmpty() || !begun.getLast().epoch().equals(at.epoch())) {
        begun.add(at);
      }
    }
    return begun;
  }

  private static ActiveRoster active(Conversation then) {
    Encryption encryption = then.encryption();
    return new ActiveRoster(then.level(),
        then.roster().members().stream().filter(Member::active).map(Member::uid).toList(),
        encryption == null ? null : encryption.epochHash().bytes());
  }

  public synchronized View view(Conversation now) {
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
