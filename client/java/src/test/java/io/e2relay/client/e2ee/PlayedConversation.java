// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.e2ee;

import com.google.protobuf.ByteString;
import io.e2relay.client.Refusals;
import io.e2relay.protocol.error.ErrorCode;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.record.AccountRecord;
import io.e2relay.protocol.record.ConversationType;
import io.e2relay.protocol.record.EpochRecord;
import io.e2relay.protocol.record.Genesis;
import io.e2relay.protocol.record.Grant;
import io.e2relay.protocol.record.HistoryPolicy;
import io.e2relay.protocol.record.Point;
import io.e2relay.protocol.record.Reading;
import io.e2relay.protocol.record.RosterEntry;
import io.e2relay.protocol.wire.Control;
import io.e2relay.protocol.wire.Conversation;
import io.e2relay.protocol.wire.CreateConversation;
import io.e2relay.protocol.wire.Entry;
import io.e2relay.protocol.wire.EpochPut;
import io.e2relay.protocol.wire.Epochs;
import io.e2relay.protocol.wire.Gap;
import io.e2relay.protocol.wire.GapReason;
import io.e2relay.protocol.wire.KeyWrap;
import io.e2relay.protocol.wire.Member;
import io.e2relay.protocol.wire.MemberReady;
import io.e2relay.protocol.wire.MemberState;
import io.e2relay.protocol.wire.Message;
import io.e2relay.protocol.wire.PutGrant;
import io.e2relay.protocol.wire.Role;
import io.e2relay.protocol.wire.Send;
import io.e2relay.protocol.wire.Sent;
import io.e2relay.protocol.wire.TrustLevel;
import io.e2relay.protocol.wire.WrapJob;
import io.e2relay.protocol.wire.WrapJobKind;
import io.e2relay.protocol.wire.Wraps;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;

/// One conversation of a played service.
final class PlayedConversation {
  private final Genesis genesis;
  final List<EpochRecord> records = new ArrayList<>();
  final List<Entry> log = new ArrayList<>();
  private final Map<Uid, Map<Long, List<KeyWrap>>> wraps = new HashMap<>();
  private final Set<Uid> members = new HashSet<>();
  final List<WrapJob> jobs = new CopyOnWriteArrayList<>();
  private boolean closed;

  PlayedConversation(ByteString genesis) {
    this.genesis = value(Genesis.read(genesis));
  }

  ByteString id() {
    return genesis.statement().conversation().bytes();
  }

  boolean isMember(Uid uid) {
    return members.contains(uid);
  }

  boolean isActive(Uid uid) {
    return isMember(uid) && current().statement().entry(uid).filter(RosterEntry::active).isPresent();
  }

  boolean isSamePair(CreateConversation asked) {
    Set<Uid> others = value(EpochRecord.read(asked.getRecord())).statement().roster().stream().map(RosterEntry::uid)
        .collect(Collectors.toSet());
    return value(Genesis.read(asked.getGenesis())).statement().type() == ConversationType.DIRECT
        && genesis.statement().type() == ConversationType.DIRECT && members.equals(others);
  }

  List<Uid> waiting() {
    return members.stream().filter(uid -> !isActive(uid)).toList();
  }

  Conversation shown() {
    return Conversation.newBuilder().setConversationId(id()).setLevel(TrustLevel.TRUST_LEVEL_E2EE)
        .setEpoch(records.size()).setClosed(closed).setEpochHash(current().hash().bytes())
        .addAllMembers(members.stream()
            .map(uid -> Member.newBuilder().setUid(uid.bytes()).setRole(Role.ROLE_MEMBER)
                .setState(isActive(uid) ? MemberState.MEMBER_STATE_ACTIVE : MemberState.MEMBER_STATE_PENDING).build())
            .toList())
        .build();
  }

  Epochs epochs(long after) {
    Epochs.Builder answer = Epochs.newBuilder().setConversationId(id()).setCurrentEpoch(records.size())
        .addAllRecords(records.stream().skip(after).map(EpochRecord::bytes).toList());
    return after == 0 ? answer.setGenesis(genesis.bytes()).build() : answer.build();
  }

  Wraps wraps(Uid uid, long after) {
    if (!isActive(uid)) {
      throw Refusals.of(ErrorCode.MEMBER_PENDING);
    }
    return Wraps.newBuilder()
        .addAllWraps(wraps.getOrDefault(uid, Map.of()).entrySet().stream().filter(entry -> entry.getKey() > after)
            .sorted(Map.Entry.comparingByKey(Comparator.naturalOrder())).flatMap(entry -> entry.getValue().stream())
            .toList())
        .build();
  }

  /// Who has newer records than the epoch names.
  Set<Uid> stale(ByteString bytes, Map<Uid, List<AccountRecord>> accounts) {
    return value(EpochRecord.read(bytes))
        .statement().roster().stream().filter(RosterEntry::active).filter(entry -> accounts
            .getOrDefault(entry.uid(), List.of()).getLast().statement().seq() != entry.account().accountSeq())
        .map(RosterEntry::uid).collect(Collectors.toSet());
  }

  /// Whether somebody loses their key who was not reset, or waits under another account than before.
  boolean lowers(ByteString bytes, Map<Uid, List<AccountRecord>> accounts) {
    return value(EpochRecord.read(bytes)).statement().roster().stream().filter(entry -> !entry.active())
        .anyMatch(entry -> current().statement().entry(entry.uid()).filter(RosterEntry::active).filter(was -> {
          List<AccountRecord> known = accounts.getOrDefault(entry.uid(), List.of());
          Point then = known.get((int) was.account().accountSeq() - 1).statement().ark();
          return !was.account().equals(entry.account()) || known.getLast().statement().ark().equals(then);
        }).isPresent());
  }

  EpochPut put(Uid by, ByteString bytes, List<ByteString> given) {
    EpochRecord record = value(EpochRecord.read(bytes));
    long epoch = record.statement().epoch().value();
    if (epoch != records.size() + 1L) {
      throw Refusals.of(ErrorCode.EPOCH_MOVED);
    }
    Set<Uid> roster = record.statement().roster().stream().map(RosterEntry::uid).collect(Collectors.toSet());
    if (!roster.containsAll(members)) {
      throw Refusals.of(ErrorCode.ROSTER_MISMATCH, members);
    }
    members.addAll(roster);
    records.add(record);
    List<Uid> active = record.statement().roster().stream().filter(RosterEntry::active).map(RosterEntry::uid).toList();
    for (int i = 0; i < active.size(); i++) {
      wrap(active.get(i), KeyWrap.newBuilder().setEpoch(epoch).setWrap(given.get(i)).build());
    }
    closed = false;
    jobs.removeIf(job -> job.getKind() != WrapJobKind.WRAP_JOB_KIND_GRANT);
    control(Control.newBuilder().setEpoch(epoch).setEpochHash(record.hash().bytes()));
    if (by.equals(record.statement().rotator().uid())) {
      return EpochPut.newBuilder().setEpoch(epoch).setSeq(log.size()).build();
    }
    throw Refusals.of(ErrorCode.RECORD_REFUSED);
  }

  Optional<Map.Entry<Uid, MemberReady>> grant(PutGrant put) {
    Grant grant = value(Grant.read(put.getGrant()));
    if (!grant.statement().conversation().bytes().equals(id())) {
      return Optional.empty();
    }
    long epoch = grant.statement().epoch().value();
    wrap(grant.statement().grantee(),
        KeyWrap.newBuilder().setEpoch(epoch).setWrap(put.getWrap()).setGrant(put.getGrant()).build());
    return Optional.of(Map.entry(grant.statement().grantee(),
        MemberReady.newBuilder().setConversationId(id()).setEpoch(epoch).build()));
  }

  void bad(Uid uid, long epoch) {
    jobs.add(WrapJob.newBuilder().setConversationId(id()).setKind(WrapJobKind.WRAP_JOB_KIND_GRANT).addUids(uid.bytes())
        .setEpoch(epoch).build());
  }

  void offer(Uid uid) {
    jobs.add(WrapJob.newBuilder().setConversationId(id()).setKind(WrapJobKind.WRAP_JOB_KIND_ACTIVATE)
        .addUids(uid.bytes()).setEpoch(records.size()).build());
  }

  List<WrapJob> takeJobs(Uid taker) {
    List<WrapJob> taken = jobs.stream().filter(job -> !job.getUidsList().contains(taker.bytes())).toList();
    jobs.removeAll(taken);
    return taken;
  }

  List<KeyWrap> given(Uid uid) {
    return wraps.getOrDefault(uid, Map.of()).values().stream().flatMap(List::stream).toList();
  }

  void remove(Uid uid) {
    members.remove(uid);
    wraps.remove(uid);
    close();
  }

  void close() {
    closed = true;
    control(Control.newBuilder().setEpoch(records.size()).setClosed(true));
  }

  Sent send(Uid uid, ByteString device, Send send) {
    Optional<Message> known = log.stream().filter(Entry::hasMessage).map(Entry::getMessage)
        .filter(one -> one.getMsgId().equals(send.getMsgId()) && one.getDeviceId().equals(device)).findFirst();
    if (known.isPresent()) {
      if (!known.get().getBody().equals(send.getBody())) {
        throw Refusals.of(ErrorCode.DUPLICATE_DIFFERS);
      }
      return Sent.newBuilder().setSeq(known.get().getSeq()).setEpoch(known.get().getEpoch()).setDuplicate(true).build();
    }
    if (!isActive(uid)) {
      throw Refusals.of(ErrorCode.MEMBER_PENDING);
    }
    if (send.getEpoch() != records.size()) {
      throw Refusals.of(ErrorCode.STALE_EPOCH);
    }
    if (closed) {
      throw Refusals.of(ErrorCode.EPOCH_CLOSED);
    }
    log.add(Entry.newBuilder()
        .setMessage(Message.newBuilder().setConversationId(id()).setSeq(log.size() + 1L).setEpoch(records.size())
            .setUid(uid.bytes()).setDeviceId(device).setMsgId(send.getMsgId()).setBody(send.getBody())
            .setReceivedMs(System.currentTimeMillis()))
        .build());
    return Sent.newBuilder().setSeq(log.size()).setEpoch(records.size()).build();
  }

  /// The log as they may read it: in gaps what was written in epochs that are not theirs.
  List<Entry> log(Uid uid) {
    return log.stream()
        .map(entry -> entry.hasMessage() && !readable(uid, entry.getMessage().getEpoch())
            ? Entry.newBuilder()
                .setGap(Gap.newBuilder().setConversationId(id()).setFromSeq(entry.getMessage().getSeq())
                    .setToSeq(entry.getMessage().getSeq()).setReason(GapReason.GAP_REASON_NOT_YOURS))
                .build()
            : entry)
        .toList();
  }

  private boolean readable(Uid uid, long epoch) {
    return genesis.statement().policy().history() == HistoryPolicy.FULL
        || records.get((int) epoch - 1).statement().entry(uid).filter(RosterEntry::active).isPresent()
        || wraps.getOrDefault(uid, Map.of()).containsKey(epoch);
  }

  EpochRecord current() {
    return records.getLast();
  }

  private void wrap(Uid uid, KeyWrap wrap) {
    wraps.computeIfAbsent(uid, _ -> new HashMap<>()).computeIfAbsent(wrap.getEpoch(), _ -> new ArrayList<>()).add(wrap);
  }

  private void control(Control.Builder control) {
    log.add(Entry.newBuilder().setControl(control.setConversationId(id()).setSeq(log.size() + 1L)).build());
  }

  static <T> T value(Reading<T> reading) {
    return ((Reading.Read<T>) reading).value();
  }
}
