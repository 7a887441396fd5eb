// SPDX-License-Identifier: Apache-2.0
package io.e2relay.relay.world;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.bus.wire.AppendCall;
import io.e2relay.protocol.bus.wire.AppendReply;
import io.e2relay.protocol.bus.wire.EpochRange;
import io.e2relay.protocol.bus.wire.Head;
import io.e2relay.protocol.bus.wire.HeadsCall;
import io.e2relay.protocol.bus.wire.HeadsReply;
import io.e2relay.protocol.bus.wire.Membership;
import io.e2relay.protocol.bus.wire.MembershipCall;
import io.e2relay.protocol.bus.wire.MembershipReply;
import io.e2relay.protocol.bus.wire.ReadCall;
import io.e2relay.protocol.bus.wire.ReadReply;
import io.e2relay.protocol.bus.wire.Roster;
import io.e2relay.protocol.bus.wire.RosterCall;
import io.e2relay.protocol.bus.wire.RosterReply;
import io.e2relay.protocol.bus.wire.SignInCall;
import io.e2relay.protocol.bus.wire.SignInReply;
import io.e2relay.protocol.error.ErrorCode;
import io.e2relay.protocol.wire.Control;
import io.e2relay.protocol.wire.Entry;
import io.e2relay.protocol.wire.Gap;
import io.e2relay.protocol.wire.GapReason;
import io.e2relay.protocol.wire.MemberState;
import io.e2relay.protocol.wire.Message;
import io.e2relay.protocol.wire.Page;
import io.e2relay.protocol.wire.Sent;
import io.e2relay.protocol.wire.TrustLevel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Conversations with their logs and rosters. A member reads the epochs that they were in.
public final class World {
  private static final class Log {
    final List<Entry> entries = new ArrayList<>();
    // The roster of epoch n lies at n - 1.
    final List<Set<ByteString>> rosters = new ArrayList<>();
    // Who is no longer a member, though still in the roster of an epoch that is closed; and who waits for a key.
    final Set<ByteString> gone = new HashSet<>();
    final Set<ByteString> pending = new HashSet<>();
    ByteString epochHash = ByteString.EMPTY;
    boolean closed;

    TrustLevel level() {
      return epochHash.isEmpty() ? TrustLevel.TRUST_LEVEL_OPEN : TrustLevel.TRUST_LEVEL_E2EE;
    }
  }

  private final Map<ByteString, Log> logs = new HashMap<>();
  // Of the devices that have proven themselves, by user.
  private final Map<ByteString, ByteString> deviceKeys = new HashMap<>();

  public static ByteString conversation(int number) {
    return padded("conversation " + number, 32);
  }

  public static ByteString user(int number) {
    return padded("user " + number, 16);
  }

  /// The next epoch with these members, or the first; answers the control entry.
  public synchronized Entry members(ByteString conversation, Set<ByteString> members) {
    Log log = logs.computeIfAbsent(conversation, _ -> new Log());
    log.rosters.add(Set.copyOf(members));
    log.gone.clear();
    log.pending.removeAll(members);
    log.closed = false;
    Entry entry = Entry.newBuilder()
        .setControl(
            Control.newBuilder().setConversationId(conversation).setSeq(log.entries.size() + 1).setEpoch(epoch(log)))
        .build();
    log.entries.add(entry);
    return entry;
  }

  /// From now on the conversation is encrypted; all its epochs have this hash.
  public synchronized void encrypted(ByteString conversation, ByteString epochHash) {
    log(conversation).epochHash = epochHash;
  }

  /// Ends a membership, which closes the epoch until the next one; answers the control entry.
  public synchronized Entry remove(ByteString conversation, ByteString uid) {
    Log log = log(conversation);
    log.gone.add(uid);
    log.closed = true;
    Entry entry = Entry.newBuilder().setControl(Control.newBuilder().setConversationId(conversation)
        .setSeq(log.entries.size() + 1).setEpoch(epoch(log)).setClosed(true)).build();
    log.entries.add(entry);
    return entry;
  }

  /// A member without a key.
  public synchronized void pending(ByteString conversation, ByteString uid) {
    log(conversation).pending.add(uid);
  }

  public synchronized void proven(ByteString uid, ByteString deviceKey) {
    deviceKeys.put(uid, deviceKey);
  }

  public synchronized SignInReply signIn(SignInCall call) {
    ByteString key = deviceKeys.getOrDefault(call.getUid(), ByteString.EMPTY);
    return SignInReply.newBuilder().setUserVersion(1).setDeviceProven(!key.isEmpty()).setDeviceKey(key).build();
  }

  public synchronized Entry say(ByteString conversation, ByteString uid, ByteString body) {
    Log log = log(conversation);
    Entry entry = Entry.newBuilder().setMessage(Message.newBuilder().setConversationId(conversation)
        .setSeq(log.entries.size() + 1).setEpoch(epoch(log)).setUid(uid).setBody(body)).build();
    log.entries.add(entry);
    return entry;
  }

  public synchronized AppendReply append(AppendCall call) {
    Log log = log(call.getConversationId());
    if (call.getEpoch() != epoch(log) || log.closed) {
      ErrorCode code = call.getEpoch() == epoch(log) ? ErrorCode.EPOCH_CLOSED : ErrorCode.STALE_EPOCH;
      return AppendReply.newBuilder().setRefusal(code.refusal().toBuilder().setCurrentEpoch(epoch(log))).build();
    }
    Entry entry = say(call.getConversationId(), call.getUid(), call.getBody());
    return AppendReply.newBuilder()
        .setSent(Sent.newBuilder().setSeq(entry.getMessage().getSeq()).setEpoch(call.getEpoch())).build();
  }

  public synchronized Set<ByteString> roster(ByteString conversation, long epoch) {
    return log(conversation).rosters.get((int) epoch - 1);
  }

  public synchronized Set<ByteString> roster(ByteString conversation) {
    return log(conversation).rosters.getLast();
  }

  public synchronized long head(ByteString conversation) {
    return log(conversation).entries.size();
  }

  public synchronized Entry entry(ByteString conversation, long seq) {
    return log(conversation).entries.get((int) seq - 1);
  }

  public synchronized MembershipReply membership(MembershipCall call) {
    Log log = logs.get(call.getConversationId());
    if (log != null && log.pending.contains(call.getUid())) {
      return MembershipReply.newBuilder().setMembership(
          Membership.newBuilder().setLevel(log.level()).setEpoch(epoch(log)).setState(MemberState.MEMBER_STATE_PENDING))
          .build();
    }
    if (log == null || !log.rosters.getLast().contains(call.getUid()) || log.gone.contains(call.getUid())) {
      return MembershipReply.newBuilder().setRefusal(ErrorCode.NOT_A_MEMBER.refusal()).build();
    }
    Membership.Builder membership = Membership.newBuilder().setLevel(log.level()).setEpoch(epoch(log))
        .setState(MemberState.MEMBER_STATE_ACTIVE);
    for (int i = 0; i < log.rosters.size(); i++) {
      if (log.rosters.get(i).contains(call.getUid())) {
        boolean last = i == log.rosters.size() - 1;
        membership.addReadable(EpochRange.newBuilder().setFrom(i + 1).setTo(last ? 0 : i + 1));
      }
    }
    return MembershipReply.newBuilder().setMembership(membership).build();
  }

  public synchronized RosterReply roster(RosterCall call) {
    Log log = logs.get(call.getConversationId());
    if (log == null || call.getEpoch() > epoch(log)) {
      return RosterReply.newBuilder().setRefusal(ErrorCode.NOT_A_MEMBER.refusal()).build();
    }
    return RosterReply.newBuilder().setRoster(Roster.newBuilder().setLevel(log.level()).setEpochHash(log.epochHash)
        .addAllUids(log.rosters.get((int) call.getEpoch() - 1))).build();
  }

  public synchronized HeadsReply heads(HeadsCall call) {
    HeadsReply.Builder reply = HeadsReply.newBuilder();
    for (ByteString conversation : call.getConversationIdsList()) {
      Log log = logs.get(conversation);
      if (log != null) {
        reply.addHeads(
            Head.newBuilder().setConversationId(conversation).setEpoch(epoch(log)).setLastSeq(log.entries.size()));
      }
    }
    return reply.build();
  }

  public synchronized ReadReply read(ReadCall call) {
    Log log = log(call.getConversationId());
    long last = log.entries.size();
    long upto = call.getUptoSeq() == 0 ? last : Math.min(last, call.getUptoSeq());
    Page.Builder page = Page.newBuilder().setConversationId(call.getConversationId()).setLastSeq(last);
    long seq = call.getAfterSeq();
    while (seq < upto && page.getEntriesCount() < call.getLimit()) {
      Entry entry = log.entries.get((int) seq++);
      if (readable(call, entry)) {
        page.addEntries(entry);
      } else {
        addGap(page, call.getConversationId(), seq);
      }
    }
    return ReadReply.newBuilder().setPage(page.setThroughSeq(seq)).build();
  }

  private static void addGap(Page.Builder page, ByteString conversation, long seq) {
    int count = page.getEntriesCount();
    if (count > 0 && page.getEntries(count - 1).hasGap()) {
      page.getEntriesBuilder(count - 1).getGapBuilder().setToSeq(seq);
    } else {
      page.addEntries(Entry.newBuilder().setGap(Gap.newBuilder().setConversationId(conversation).setFromSeq(seq)
          .setToSeq(seq).setReason(GapReason.GAP_REASON_NOT_YOURS)));
    }
  }

  private static boolean readable(ReadCall call, Entry entry) {
    long epoch = entry.hasControl() ? entry.getControl().getEpoch() : entry.getMessage().getEpoch();
    return call.getReadableList().stream()
        .anyMatch(range -> range.getFrom() <= epoch && (range.getTo() == 0 || epoch <= range.getTo()));
  }

  private Log log(ByteString conversation) {
    @Nullable
    Log log = logs.get(conversation);
    if (log == null) {
      throw new IllegalArgumentException("no such conversation");
    }
    return log;
  }

  private static long epoch(Log log) {
    return log.rosters.size();
  }

  private static ByteString padded(String name, int bytes) {
    byte[] id = name.getBytes(StandardCharsets.UTF_8);
    return ByteString.copyFrom(Arrays.copyOf(id, bytes));
  }
}
