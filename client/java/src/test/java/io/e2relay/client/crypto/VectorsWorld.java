// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.crypto;

import static io.e2relay.client.crypto.VectorsCase.filled;
import static io.e2relay.client.crypto.VectorsCase.label;
import static io.e2relay.client.crypto.VectorsCase.number;
import static io.e2relay.client.crypto.VectorsPerson.ALICE;
import static io.e2relay.client.crypto.VectorsPerson.BEGIN_MS;
import static io.e2relay.client.crypto.VectorsPerson.BOB;
import static io.e2relay.client.crypto.VectorsPerson.CAROL;
import static java.util.Objects.requireNonNull;

import com.google.protobuf.ByteString;
import io.e2relay.client.crypto.VectorsPerson.Draft;
import io.e2relay.protocol.id.ConversationId;
import io.e2relay.protocol.id.Epoch;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.record.AccountKey;
import io.e2relay.protocol.record.AccountKind;
import io.e2relay.protocol.record.AccountRecord;
import io.e2relay.protocol.record.AddPolicy;
import io.e2relay.protocol.record.ConversationType;
import io.e2relay.protocol.record.EpochReason;
import io.e2relay.protocol.record.EpochRecord;
import io.e2relay.protocol.record.EpochStatement;
import io.e2relay.protocol.record.Genesis;
import io.e2relay.protocol.record.GenesisStatement;
import io.e2relay.protocol.record.Hash;
import io.e2relay.protocol.record.HistoryPolicy;
import io.e2relay.protocol.record.Policy;
import io.e2relay.protocol.record.RewrapPolicy;
import io.e2relay.protocol.record.RosterEntry;
import io.e2relay.protocol.record.RosterRole;
import io.e2relay.protocol.record.RosterState;
import io.e2relay.protocol.record.Signer;
import io.e2relay.protocol.verify.Accounts;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The accounts and the conversation in which the vectors of genesis, epoch, grant and envelope take place.
final class VectorsWorld {
  static final String USUAL = "usual";
  static final String BOB_RESET = "bob was reset";
  static final String ALL_RESET = "everybody was reset";

  /// Who is known, by the whole chain of each.
  record Known(List<AccountRecord> records) implements Accounts {
    @Override
    public Optional<AccountRecord> record(Uid uid, long seq) {
      return records.stream().filter(record -> record.statement().uid().equals(uid) && record.statement().seq() == seq)
          .findFirst();
    }

    @Override
    public Optional<AccountRecord> newest(Uid uid) {
      return records.stream().filter(record -> record.statement().uid().equals(uid)).reduce((_, later) -> later);
    }
  }

  static final AccountRecord ALICE_1 = ALICE.first();
  static final AccountRecord ALICE_2 = ALICE
      .record(new Draft(2, ALICE_1.hash(), AccountKind.DEVICE_ADDED, 1, 1, VectorsAccounts.both()));
  static final AccountRecord ALICE_3 = ALICE
      .record(new Draft(3, ALICE_2.hash(), AccountKind.DEVICE_REVOKED, 1, 2, List.of(ALICE.entry(1, 1))));
  static final AccountRecord BOB_1 = BOB.first();
  static final AccountRecord CAROL_1 = CAROL.first();
  static final AccountRecord BOB_2 = reset(BOB, BOB_1, 2);
  static final Map<String, Known> ACCOUNTS = accounts();
  static final Genesis GENESIS = genesis(new Policy(HistoryPolicy.FULL, AddPolicy.ADMINS, RewrapPolicy.CONFIRM),
      ConversationType.GROUP, 1, GenesisStatement.NO_PREDECESSOR);

  private VectorsWorld() {
  }

  private static AccountRecord reset(VectorsPerson person, AccountRecord before, long gen) {
    return person.record(new Draft(before.statement().seq() + 1, before.hash(), AccountKind.IDENTITY_RESET, 2, gen,
        List.of(person.entry(3, before.statement().seq() + 1))));
  }

  private static Map<String, Known> accounts() {
    Map<String, Known> accounts = new LinkedHashMap<>();
    accounts.put(USUAL, new Known(List.of(ALICE_1, ALICE_2, ALICE_3, BOB_1, CAROL_1)));
    accounts.put(BOB_RESET, new Known(List.of(ALICE_1, ALICE_2, ALICE_3, BOB_1, BOB_2, CAROL_1)));
    accounts.put(ALL_RESET,
        new Known(List.of(ALICE_1, ALICE_2, ALICE_3, reset(ALICE, ALICE_3, 3), BOB_1, BOB_2, CAROL_1)));
    return accounts;
  }

  static Known known(String accounts) {
    return requireNonNull(ACCOUNTS.get(accounts), accounts);
  }

  /// For the head of a file.
  static Map<String, Object> json() {
    Map<String, Object> json = new LinkedHashMap<>();
    ACCOUNTS.forEach((name, known) -> json.put(name,
        known.records().stream().map(record -> VectorsCase.hex(record.bytes())).toList()));
    return json;
  }

  static Genesis genesis(Policy policy, ConversationType type, long ttl, ConversationId predecessor) {
    GenesisStatement statement = new GenesisStatement(VectorsPerson.TENANT, type,
        new Signer(ALICE.uid(), ALICE.device(1), 1), ALICE_1.hash(), filled(0x6e, 32), predecessor, policy, ttl,
        BEGIN_MS);
    return new Genesis(statement, ALICE.dsk(1).sign("genesis", statement.tbs()));
  }

  static ConversationId conversation() {
    return GENESIS.statement().conversation();
  }

  /// K_e.
  static ByteString key(long epoch) {
    return filled((int) (0x10 + epoch), 32);
  }

  static ByteString linkSalt(long epoch) {
    return filled((int) (0x50 + epoch), 32);
  }

  static Hash commitment(ConversationId conversation, long epoch) {
    return new Hash(
        VectorsCrypto.hkdf(key(epoch), conversation.bytes(), label("e2r/1/epoch-commit").concat(number(4, epoch)), 32));
  }

  static ByteString link(ConversationId conversation, long epoch) {
    return VectorsCrypto.seal(key(epoch), "e2r/1/hist", conversation.bytes().concat(number(4, epoch - 1)),
        key(epoch - 1), linkSalt(epoch)).out();
  }

  static RosterEntry entry(AccountRecord account, RosterRole role, RosterState state) {
    return new RosterEntry(account.statement().uid(), role, state,
        new AccountKey(account.statement().seq(), account.hash(), account.statement().aekGen()));
  }

  static RosterEntry member(AccountRecord account) {
    return entry(account, RosterRole.MEMBER, RosterState.ACTIVE);
  }

  static RosterEntry admin(AccountRecord account) {
    return entry(account, RosterRole.ADMIN, RosterState.ACTIVE);
  }

  static RosterEntry unknown(Uid uid) {
    return new RosterEntry(uid, RosterRole.MEMBER, RosterState.PENDING, AccountKey.NONE);
  }

  /// Behind a record, or the first one.
  static EpochStatement next(Hash prev, long epoch, EpochReason reason, Signer rotator, List<RosterEntry> roster) {
    boolean linked = epoch > 1 && reason != EpochReason.RESTARTED;
    return new EpochStatement(conversation(), new Epoch(epoch), prev, reason, rotator,
        commitment(conversation(), epoch), linked ? link(conversation(), epoch) : ByteString.EMPTY, roster,
        BEGIN_MS + epoch * VectorsPerson.MINUTE_MS);
  }

  static EpochRecord signed(EpochStatement statement, VectorsKeys dsk) {
    return new EpochRecord(statement, dsk.sign("epoch", statement.tbs()));
  }

  static Signer signer(VectorsPerson person, int device, long seq) {
    return new Signer(person.uid(), person.device(device), seq);
  }
}
