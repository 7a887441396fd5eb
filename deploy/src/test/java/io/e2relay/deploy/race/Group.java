// SPDX-License-Identifier: Apache-2.0
package io.e2relay.deploy.race;

import com.google.protobuf.ByteString;
import io.e2relay.client.crypto.ConversationMaker;
import io.e2relay.client.crypto.MadeEpoch;
import io.e2relay.client.crypto.RosterMember;
import io.e2relay.client.crypto.SymmetricKey;
import io.e2relay.protocol.bus.Calls;
import io.e2relay.protocol.bus.wire.AppendCall;
import io.e2relay.protocol.bus.wire.AppendReply;
import io.e2relay.protocol.bus.wire.CreateCall;
import io.e2relay.protocol.bus.wire.GetCall;
import io.e2relay.protocol.bus.wire.GetEpochsCall;
import io.e2relay.protocol.bus.wire.LeaveCall;
import io.e2relay.protocol.bus.wire.PutEpochCall;
import io.e2relay.protocol.bus.wire.PutEpochReply;
import io.e2relay.protocol.bus.wire.Refusal;
import io.e2relay.protocol.bus.wire.RemoveCall;
import io.e2relay.protocol.bus.wire.RosterCall;
import io.e2relay.protocol.id.ConversationId;
import io.e2relay.protocol.id.TenantId;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.record.AccountRecord;
import io.e2relay.protocol.record.AddPolicy;
import io.e2relay.protocol.record.ConversationType;
import io.e2relay.protocol.record.EpochReason;
import io.e2relay.protocol.record.EpochRecord;
import io.e2relay.protocol.record.HistoryPolicy;
import io.e2relay.protocol.record.Policy;
import io.e2relay.protocol.record.Reading;
import io.e2relay.protocol.record.RewrapPolicy;
import io.e2relay.protocol.record.RosterEntry;
import io.e2relay.protocol.record.RosterRole;
import io.e2relay.protocol.record.RosterState;
import io.e2relay.protocol.verify.Accounts;
import io.e2relay.protocol.verify.EpochChain;
import io.e2relay.protocol.wire.Conversation;
import io.e2relay.protocol.wire.CreateConversation;
import io.e2relay.protocol.wire.GetEpochs;
import io.e2relay.protocol.wire.Member;
import io.e2relay.protocol.wire.PutEpoch;
import io.e2relay.protocol.wire.TrustLevel;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;

/// An encrypted conversation, and what its people do with it as honest clients would.
final class Group implements Accounts {
  private static final SecureRandom RANDOM = new SecureRandom();
  static final TenantId TENANT = new TenantId(random(TenantId.BYTES));
  private static final Policy POLICY = new Policy(HistoryPolicy.FROM_JOIN, AddPolicy.ANY_MEMBER, RewrapPolicy.CURRENT);

  private final KeyStation station;
  private final Map<Uid, Somebody> people;
  private final ConversationId id;
  private final EpochChain first;

  /// The first founds it, with the next ones as members; the others stay outside.
  Group(KeyStation station, List<Somebody> people, int members) {
    this.station = station;
    this.people = people.stream().collect(Collectors.toUnmodifiableMap(Somebody::uid, Function.identity()));
    people.forEach(somebody -> somebody.register(station));
    Somebody founder = people.getFirst();
    List<RosterMember> roster = new ArrayList<>();
    people.subList(0, members).forEach(somebody -> roster.add(new RosterMember(somebody.uid(),
        somebody == founder ? RosterRole.ADMIN : RosterRole.MEMBER, RosterState.ACTIVE)));
    MadeEpoch made = founder.conversations(this).begin(
        new ConversationMaker.Settings(ConversationType.GROUP, POLICY, 0,
            new ConversationId(ByteString.copyFrom(new byte[ConversationId.BYTES]))),
        roster, System.currentTimeMillis());
    first = made.chain();
    id = first.genesis().statement().conversation();
    var reply = station.ask(Calls.CREATE,
        CreateCall.newBuilder().setTenant(TENANT.bytes()).setCaller(founder.uid().bytes())
            .setDeviceId(founder.keys().device().bytes())
            .setRequest(CreateConversation.newBuilder().setRequestId(random(16)).setLevel(TrustLevel.TRUST_LEVEL_E2EE)
                .setGenesis(first.genesis().bytes()).setRecord(made.record().bytes()).addAllWraps(wraps(made)))
            .build());
    if (reply.hasRefusal()) {
      throw new AssertionError("not founded: " + reply.getRefusal());
    }
  }

  ConversationId id() {
    return id;
  }

  EpochChain first() {
    return first;
  }

  /// How far the conversation is, as this one can find out; nothing for who is no member.
  Optional<EpochChain> look(Somebody by, EpochChain known) {
    var reply = station.ask(Calls.GET_EPOCHS, GetEpochsCall.newBuilder().setCaller(by.uid().bytes()).setRequest(
        GetEpochs.newBuilder().setConversationId(id.bytes()).setAfterEpoch(known.last().statement().epoch().value()))
        .build());
    if (reply.hasRefusal()) {
      return Optional.empty();
    }
    EpochChain chain = known;
    for (ByteString bytes : reply.getEpochs().getRecordsList()) {
      chain = next(chain, read(bytes));
    }
    return Optional.of(chain);
  }

  EpochChain next(EpochChain chain, EpochRecord record) {
    return switch (chain.next(record, this)) {
      case Reading.Read<EpochChain>(EpochChain next) -> next;
      case Reading.Unreadable<EpochChain> unreadable -> throw new AssertionError("stored, but " + unreadable.fault());
    };
  }

  static EpochRecord read(ByteString bytes) {
    return switch (EpochRecord.read(bytes)) {
      case Reading.Read<EpochRecord>(EpochRecord record) -> record;
      case Reading.Unreadable<EpochRecord> unreadable -> throw new AssertionError("stored, but " + unreadable.fault());
    };
  }

  Optional<Conversation> conversation(Somebody by) {
    var reply = station.ask(Calls.GET,
        GetCall.newBuilder().setCaller(by.uid().bytes()).setConversationId(id.bytes()).build());
    return reply.hasRefusal() ? Optional.empty() : Optional.of(reply.getConversation());
  }

  /// The next record for who is a member now and for these newcomers; nothing where no honest client would make one.
  Optional<MadeEpoch> make(Somebody by, EpochChain chain, List<Somebody> newcomers) {
    Optional<Conversation> now = conversation(by);
    if (now.isEmpty()) {
      return Optional.empty();
    }
    Set<ByteString> wanted = new TreeSet<>(ByteString.unsignedLexicographicalComparator());
    now.get().getMembersList().stream().map(Member::getUid).forEach(wanted::add);
    newcomers.forEach(somebody -> wanted.add(somebody.uid().bytes()));
    List<RosterMember> roster = wanted.stream().map(Uid::new)
        .map(uid -> new RosterMember(uid,
            chain.last().statement().entry(uid).map(RosterEntry::role).orElse(RosterRole.MEMBER), RosterState.ACTIVE))
        .toList();
    try {
      return Optional.of(by.conversations(this).next(chain, SymmetricKey.generate(),
          newcomers.isEmpty() ? EpochReason.BY_USER : EpochReason.ADDED, roster, System.currentTimeMillis()));
    } catch (IllegalArgumentException _) {
      // The chain is older than the members: this client would have to look again.
      return Optional.empty();
    }
  }

  PutEpochReply put(Somebody by, MadeEpoch made) {
    return station.ask(Calls.PUT_EPOCH,
        PutEpochCall.newBuilder().setTenant(TENANT.bytes()).setCaller(by.uid().bytes())
            .setDeviceId(by.keys().device().bytes()).setRequest(PutEpoch.newBuilder().setConversationId(id.bytes())
                .setRecord(made.record().bytes()).addAllWraps(wraps(made)))
            .build());
  }

  Refusal remove(Somebody by, Somebody whom) {
    return station.ask(Calls.REMOVE, RemoveCall.newBuilder().setCaller(by.uid().bytes()).setConversationId(id.bytes())
        .addMembers(whom.uid().bytes()).setDeviceProven(true).build()).getRefusal();
  }

  Refusal leave(Somebody by) {
    return station.ask(Calls.LEAVE,
        LeaveCall.newBuilder().setCaller(by.uid().bytes()).setConversationId(id.bytes()).setDeviceProven(true).build())
        .getRefusal();
  }

  /// As a relay does it: whoever is in the epoch's roster may append; what the fence says, decides.
  Optional<AppendReply> send(Somebody by, long epoch) {
    var roster = station
        .ask(Calls.ROSTER, RosterCall.newBuilder().setConversationId(id.bytes()).setEpoch(epoch).build()).getRoster();
    return roster.getUidsList().contains(by.uid().bytes())
        ? Optional.of(station.ask(Calls.APPEND,
            AppendCall.newBuilder().setConversationId(id.bytes()).setEpoch(epoch).setUid(by.uid().bytes())
                .setDeviceId(by.keys().device().bytes()).setMsgId(random(16)).setBody(random(64)).build()))
        : Optional.empty();
  }

  @Override
  public Optional<AccountRecord> record(Uid uid, long seq) {
    return Optional.ofNullable(people.get(uid)).flatMap(somebody -> somebody.record(seq));
  }

  @Override
  public Optional<AccountRecord> newest(Uid uid) {
    return Optional.ofNullable(people.get(uid)).map(Somebody::record);
  }

  private static List<ByteString> wraps(MadeEpoch made) {
    return made.record().statement().roster().stream().filter(RosterEntry::active)
        .map(entry -> made.wrapFor(entry.uid())).toList();
  }

  static ByteString random(int length) {
    byte[] bytes = new byte[length];
    RANDOM.nextBytes(bytes);
    return ByteString.copyFrom(bytes);
  }
}
