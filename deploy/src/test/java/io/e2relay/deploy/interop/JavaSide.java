// SPDX-License-Identifier: Apache-2.0
package io.e2relay.deploy.interop;

import static io.e2relay.deploy.interop.Operation.value;
import static java.util.Objects.requireNonNull;

import com.google.protobuf.ByteString;
import io.e2relay.client.crypto.Account;
import io.e2relay.client.crypto.AccountMaker;
import io.e2relay.client.crypto.AgreementKey;
import io.e2relay.client.crypto.ConversationMaker;
import io.e2relay.client.crypto.DeviceKeys;
import io.e2relay.client.crypto.DeviceOffer;
import io.e2relay.client.crypto.EpochOpening;
import io.e2relay.client.crypto.MadeEpoch;
import io.e2relay.client.crypto.Opening;
import io.e2relay.client.crypto.RosterMember;
import io.e2relay.client.crypto.SigningKey;
import io.e2relay.client.crypto.SymmetricKey;
import io.e2relay.protocol.id.DeviceId;
import io.e2relay.protocol.id.TenantId;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.record.AccountRecord;
import io.e2relay.protocol.record.AddPolicy;
import io.e2relay.protocol.record.ConversationType;
import io.e2relay.protocol.record.EpochRecord;
import io.e2relay.protocol.record.Fault;
import io.e2relay.protocol.record.Genesis;
import io.e2relay.protocol.record.GenesisStatement;
import io.e2relay.protocol.record.HistoryPolicy;
import io.e2relay.protocol.record.Point;
import io.e2relay.protocol.record.Policy;
import io.e2relay.protocol.record.Reading;
import io.e2relay.protocol.record.RewrapPolicy;
import io.e2relay.protocol.record.RosterRole;
import io.e2relay.protocol.record.RosterState;
import io.e2relay.protocol.record.Signature;
import io.e2relay.protocol.verify.AccountChain;
import io.e2relay.protocol.verify.Accounts;
import io.e2relay.protocol.verify.EpochChain;
import io.e2relay.protocol.verify.Verdict;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// One of the two who meet: it has an account with a device of its own, and one of the other's as well.
final class JavaSide {
  static final long NOW_MS = 1_790_000_000_000L;
  static final TenantId TENANT = new TenantId(bytes("70".repeat(16)));
  private static final SecureRandom CHANCE = new SecureRandom();

  final Uid uid = new Uid(random(16));
  final Account account = new Account(TENANT, uid);
  final DeviceKeys keys = DeviceKeys.generate();
  final SigningKey ark = SigningKey.generate();
  final AgreementKey aek = AgreementKey.generate();
  private @Nullable JsonObject other;
  private @Nullable AccountRecord record;
  private @Nullable AccountRecord otherRecord;
  private @Nullable MadeEpoch mine;

  static ByteString random(int count) {
    byte[] bytes = new byte[count];
    CHANCE.nextBytes(bytes);
    return ByteString.copyFrom(bytes);
  }

  static ByteString bytes(String hex) {
    return ByteString.copyFrom(HexFormat.of().parseHex(hex));
  }

  static String hex(ByteString bytes) {
    return HexFormat.of().formatHex(bytes.toByteArray());
  }

  JsonObject offer() {
    return new JsonObject().put("uid", hex(uid.bytes())).put("ark_pub", hex(ark.publicKey().bytes()))
        .put("device_id", hex(keys.device().bytes())).put("dsk_pub", hex(keys.signing().publicKey().bytes()))
        .put("dek_pub", hex(keys.agreement().publicKey().bytes()));
  }

  /// Offers my device to the other's account.
  JsonObject meet(JsonObject shown) {
    other = shown;
    DeviceOffer offer = DeviceOffer.of(new Account(TENANT, otherUid()), otherPoint("ark_pub"), keys);
    return new JsonObject().put("possession", hex(offer.possession().bytes()));
  }

  /// My account, with the other's device in it.
  JsonObject begin(JsonObject offered) {
    DeviceOffer theirs = new DeviceOffer(otherDevice(), otherPoint("dsk_pub"), otherPoint("dek_pub"),
        new Signature(bytes(offered.getString("possession"))));
    var made = new AccountMaker(account, ark).first(aek,
        List.of(DeviceOffer.of(account, ark.publicKey(), keys), theirs), NOW_MS);
    record = made.record();
    return new JsonObject().put("record", hex(made.record().bytes()));
  }

  /// The other's account; then my conversation with it.
  void know(JsonObject begun) {
    AccountRecord read = value(AccountRecord.read(bytes(begun.getString("record"))));
    value(AccountChain.from(read));
    otherRecord = read;
    mine = converse();
  }

  Uid otherUid() {
    return new Uid(bytes(other().getString("uid")));
  }

  Account otherAccount() {
    return new Account(TENANT, otherUid());
  }

  DeviceId otherDevice() {
    return new DeviceId(bytes(other().getString("device_id")));
  }

  Point otherPoint(String name) {
    return new Point(bytes(other().getString(name)));
  }

  private JsonObject other() {
    return requireNonNull(other);
  }

  AccountRecord record() {
    return requireNonNull(record);
  }

  AccountRecord otherRecord() {
    return requireNonNull(otherRecord);
  }

  MadeEpoch mine() {
    return requireNonNull(mine);
  }

  Accounts accounts() {
    return new Accounts() {
      @Override
      public Optional<AccountRecord> record(Uid whose, long seq) {
        return newest(whose).filter(one -> one.statement().seq() == seq);
      }

      @Override
      public Optional<AccountRecord> newest(Uid whose) {
        return Stream.of(JavaSide.this.record(), otherRecord()).filter(one -> one.statement().uid().equals(whose))
            .findFirst();
      }
    };
  }

  ConversationMaker maker() {
    return new ConversationMaker(keys, record(), accounts());
  }

  List<RosterMember> roster() {
    return List.of(new RosterMember(uid, RosterRole.ADMIN, RosterState.ACTIVE),
        new RosterMember(otherUid(), RosterRole.MEMBER, RosterState.ACTIVE));
  }

  MadeEpoch converse() {
    Policy policy = new Policy(HistoryPolicy.FULL, AddPolicy.ANY_MEMBER, RewrapPolicy.CONFIRM);
    return maker().begin(
        new ConversationMaker.Settings(ConversationType.GROUP, policy, 0, GenesisStatement.NO_PREDECESSOR), roster(),
        NOW_MS);
  }

  /// For the other, as far as the last of the epochs.
  JsonObject handed(List<MadeEpoch> epochs) {
    JsonArray records = new JsonArray();
    epochs.forEach(epoch -> records.add(hex(epoch.record().bytes())));
    return new JsonObject().put("genesis", hex(epochs.getFirst().chain().genesis().bytes())).put("epochs", records)
        .put("wrap", hex(epochs.getLast().wrapFor(otherUid())));
  }

  /// A verified chain with all of its records.
  record Verified(EpochChain chain, List<EpochRecord> records) {
  }

  /// Verifies what the other hands over; the first fault ends it.
  Reading<Verified> verified(JsonObject handed) {
    Reading<Genesis> read = Genesis.read(bytes(handed.getString("genesis")));
    if (!(read instanceof Reading.Read<Genesis>(Genesis genesis))) {
      return new Reading.Unreadable<>(((Reading.Unreadable<Genesis>) read).fault());
    }
    if (EpochChain.genesis(genesis, accounts()) instanceof Verdict.Invalid(Fault fault)) {
      return new Reading.Unreadable<>(fault);
    }
    List<EpochRecord> records = new ArrayList<>();
    Optional<EpochChain> chain = Optional.empty();
    for (Object epoch : handed.getJsonArray("epochs")) {
      Reading<EpochRecord> record = EpochRecord.read(bytes((String) epoch));
      if (!(record instanceof Reading.Read<EpochRecord>(EpochRecord one))) {
        return new Reading.Unreadable<>(((Reading.Unreadable<EpochRecord>) record).fault());
      }
      Reading<EpochChain> next = chain.map(before -> before.next(one, accounts()))
          .orElseGet(() -> EpochChain.from(genesis, one, accounts()));
      if (next instanceof Reading.Unreadable<EpochChain>(Fault fault)) {
        return new Reading.Unreadable<>(fault);
      }
      chain = Optional.of(value(next));
      records.add(one);
    }
    return new Reading.Read<>(new Verified(chain.orElseThrow(), records));
  }

  EpochOpening opening() {
    TreeMap<Long, AgreementKey> generations = new TreeMap<>();
    generations.put(1L, aek);
    return new EpochOpening(uid, Set.of(record().hash()), generations);
  }

  /// The last epoch of a conversation of the other's, and its key.
  record Joined(Verified conversation, SymmetricKey key) {
    EpochRecord epoch() {
      return conversation.records().getLast();
    }
  }

  Joined joined(JsonObject handed) {
    Verified verified = value(verified(handed));
    Opening opened = opening().open(verified.records().getLast(), bytes(handed.getString("wrap")));
    return switch (opened) {
      case Opening.Opened(SymmetricKey key) -> new Joined(verified, key);
      case Opening.Refused(Fault fault, var _) -> throw new AssertionError(fault.name());
    };
  }
}
