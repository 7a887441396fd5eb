// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.crypto;

import static io.e2relay.client.crypto.VectorsCase.filled;
import static io.e2relay.client.crypto.VectorsPerson.ALICE;
import static io.e2relay.client.crypto.VectorsPerson.BOB;
import static io.e2relay.client.crypto.VectorsPerson.CAROL;
import static io.e2relay.client.crypto.VectorsWorld.admin;
import static io.e2relay.client.crypto.VectorsWorld.member;
import static io.e2relay.client.crypto.VectorsWorld.signer;
import static io.e2relay.client.crypto.VectorsWorld.unknown;
import static java.util.Objects.requireNonNull;

import com.google.protobuf.ByteString;
import io.e2relay.client.crypto.VectorsWorld.Known;
import io.e2relay.protocol.id.ConversationId;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.record.AccountKey;
import io.e2relay.protocol.record.AddPolicy;
import io.e2relay.protocol.record.ConversationType;
import io.e2relay.protocol.record.EpochReason;
import io.e2relay.protocol.record.EpochRecord;
import io.e2relay.protocol.record.Fault;
import io.e2relay.protocol.record.Genesis;
import io.e2relay.protocol.record.Hash;
import io.e2relay.protocol.record.HistoryPolicy;
import io.e2relay.protocol.record.Policy;
import io.e2relay.protocol.record.Reading;
import io.e2relay.protocol.record.RewrapPolicy;
import io.e2relay.protocol.record.RosterEntry;
import io.e2relay.protocol.record.RosterRole;
import io.e2relay.protocol.record.RosterState;
import io.e2relay.protocol.verify.EpochChain;
import io.e2relay.protocol.verify.Verdict;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/// genesis.json and epoch.json: a conversation from its begin to its restart.
final class VectorsConversations {
  static final List<String> EPOCHS = List.of("created", "carol invited", "carol let in by bob", "bob made admin",
      "carol removed by bob", "restarted by bob");
  static final Map<String, EpochRecord> CHAIN = chain();
  /// Another second epoch: bob's entry names a record that he never made, which only he can tell.
  static final String GHOST = "carol invited, with another hash of bob's record";
  static final EpochRecord OF_GHOST = ghost();

  private VectorsConversations() {
  }

  private static Map<String, EpochRecord> chain() {
    Map<String, EpochRecord> chain = new LinkedHashMap<>();
    List<RosterEntry> two = List.of(admin(VectorsWorld.ALICE_1), member(VectorsWorld.BOB_1));
    add(chain, EpochReason.CREATED, 1, two);
    add(chain, EpochReason.ADDED, 1, with(two, unknown(CAROL.uid())));
    add(chain, EpochReason.ACTIVATED, 2, with(two, member(VectorsWorld.CAROL_1)));
    List<RosterEntry> admins = List.of(admin(VectorsWorld.ALICE_3), admin(VectorsWorld.BOB_1));
    add(chain, EpochReason.ROLE_CHANGED, 1, with(admins, member(VectorsWorld.CAROL_1)));
    add(chain, EpochReason.REMOVED, 2, admins);
    EpochRecord last = requireNonNull(chain.get(EPOCHS.get(4)));
    RosterEntry bob = new RosterEntry(BOB.uid(), RosterRole.ADMIN, RosterState.ACTIVE,
        new AccountKey(2, VectorsWorld.BOB_2.hash(), 2));
    chain.put(EPOCHS.get(5), VectorsWorld
        .signed(VectorsWorld.next(last.hash(), 6, EpochReason.RESTARTED, signer(BOB, 3, 2), List.of(bob)), BOB.dsk(3)));
    return chain;
  }

  private static EpochRecord ghost() {
    RosterEntry bob = new RosterEntry(BOB.uid(), RosterRole.MEMBER, RosterState.ACTIVE,
        new AccountKey(1, new Hash(filled(9, 32)), 1));
    List<RosterEntry> roster = List.of(admin(VectorsWorld.ALICE_1), bob, unknown(CAROL.uid()));
    return VectorsWorld.signed(VectorsWorld.next(epoch(1).hash(), 2, EpochReason.ADDED, signer(ALICE, 1, 1), roster),
        ALICE.dsk(1));
  }

  /// By alice or by bob, with their first devices; alice's second record would do as well as her first.
  private static void add(Map<String, EpochRecord> chain, EpochReason reason, int who, List<RosterEntry> roster) {
    int epoch = chain.size() + 1;
    Hash prev = epoch == 1
        ? VectorsWorld.GENESIS.statement().hash()
        : requireNonNull(chain.get(EPOCHS.get(epoch - 2))).hash();
    VectorsPerson rotator = who == 1 ? ALICE : BOB;
    long seq = epoch == 4 ? 3 : 1;
    chain.put(EPOCHS.get(epoch - 1),
        VectorsWorld.signed(VectorsWorld.next(prev, epoch, reason, signer(rotator, 1, seq), roster), rotator.dsk(1)));
  }

  static List<RosterEntry> with(List<RosterEntry> roster, RosterEntry entry) {
    List<RosterEntry> more = new ArrayList<>(roster);
    more.add(entry);
    return more;
  }

  static EpochRecord epoch(int number) {
    return requireNonNull(CHAIN.get(EPOCHS.get(number - 1)));
  }

  static VectorsFile genesis() {
    VectorsFile file = new VectorsFile("genesis").given("accounts", VectorsWorld.json());
    Map<String, Genesis> all = new LinkedHashMap<>();
    all.put("group with full history", VectorsWorld.GENESIS);
    all.put("direct, from the join on",
        VectorsWorld.genesis(new Policy(HistoryPolicy.FROM_JOIN, AddPolicy.ANY_MEMBER, RewrapPolicy.CURRENT),
            ConversationType.DIRECT, 0, io.e2relay.protocol.record.GenesisStatement.NO_PREDECESSOR));
    all.put("continues another, host adds, greatest ttl",
        VectorsWorld.genesis(new Policy(HistoryPolicy.FULL, AddPolicy.HOST, RewrapPolicy.HISTORY),
            ConversationType.GROUP, 0xffff_ffffL, new ConversationId(filled(0xc0, 32))));
    all.forEach((name, genesis) -> {
      VectorsAccounts.value(genesisOutcome(genesis.bytes(), VectorsWorld.known(VectorsWorld.USUAL)));
      file.positive(VectorsCase.named(name).with("record", "Genesis").with("accounts", VectorsWorld.USUAL)
          .with("conv_id", genesis.statement().conversation().bytes())
          .with("genesis_hash", genesis.statement().hash().bytes()).with("bytes", genesis.bytes())
          .with("fields", VectorsFields.of(genesis)));
    });
    new VectorsConversationFaults(file).genesis();
    ByteString whole = VectorsWorld.GENESIS.bytes();
    file.altered(VectorsCase.named("group with full history").with("record", "Genesis")
        .with("accounts", VectorsWorld.USUAL).with("bytes", whole), whole,
        bytes -> genesisOutcome(bytes, VectorsWorld.known(VectorsWorld.USUAL)));
    return file;
  }

  static Reading<?> genesisOutcome(ByteString bytes, Known accounts) {
    Reading<Genesis> read = Genesis.read(bytes);
    return read instanceof Reading.Read<Genesis>(Genesis genesis)
        && EpochChain.genesis(genesis, accounts) instanceof Verdict.Invalid(Fault fault)
            ? new Reading.Unreadable<>(fault)
            : read;
  }

  static VectorsFile epochs() {
    VectorsFile file = new VectorsFile("epoch").given("accounts", VectorsWorld.json()).given("genesis",
        VectorsWorld.GENESIS.bytes());
    List<String> before = new ArrayList<>();
    CHAIN.forEach((name, record) -> {
      String accounts = before.size() == 5 ? VectorsWorld.ALL_RESET : VectorsWorld.USUAL;
      positive(file, name, record, accounts, List.copyOf(before));
      before.add(name);
    });
    positive(file, GHOST, OF_GHOST, VectorsWorld.USUAL, EPOCHS.subList(0, 1));
    positive(file, "1,000 members", thousand(), VectorsWorld.USUAL, List.of());
    new VectorsEpochFaults(file).write();
    for (int i : new int[]{1, 2, 5}) {
      ByteString whole = epoch(i).bytes();
      List<String> chain = EPOCHS.subList(0, i - 1);
      file.altered(
          VectorsCase.named(EPOCHS.get(i - 1)).with("record", "EpochRecord").with("accounts", VectorsWorld.USUAL)
              .with("chain", chain).with("bytes", whole),
          whole, bytes -> outcome(bytes, chain, VectorsWorld.known(VectorsWorld.USUAL)));
    }
    return file;
  }

  private static EpochRecord thousand() {
    List<RosterEntry> roster = new ArrayList<>(List.of(admin(VectorsWorld.ALICE_1)));
    IntStream.range(0, 999)
        .forEach(i -> roster.add(unknown(new Uid(filled(0xee, 14).concat(VectorsCase.number(2, i))))));
    return VectorsWorld.signed(
        VectorsWorld.next(VectorsWorld.GENESIS.statement().hash(), 1, EpochReason.CREATED, signer(ALICE, 1, 1), roster),
        ALICE.dsk(1));
  }

  private static void positive(VectorsFile file, String name, EpochRecord record, String accounts, List<String> chain) {
    VectorsAccounts.value(outcome(record.bytes(), chain, VectorsWorld.known(accounts)));
    long number = record.statement().epoch().value();
    VectorsCase described = VectorsCase.named(name).with("record", "EpochRecord").with("accounts", accounts)
        .with("chain", chain).with("epoch_hash", record.hash().bytes()).with("key", VectorsWorld.key(number));
    if (!record.statement().histLink().isEmpty()) {
      described = described.with("key_before", VectorsWorld.key(number - 1)).with("link_salt",
          VectorsWorld.linkSalt(number));
    }
    file.positive(described.with("bytes", record.bytes()).with("fields", VectorsFields.of(record)));
  }

  /// Read, then verified behind those before it.
  static Reading<?> outcome(ByteString bytes, List<String> before, Known accounts) {
    Reading<EpochRecord> read = EpochRecord.read(bytes);
    if (!(read instanceof Reading.Read<EpochRecord>(EpochRecord record))) {
      return read;
    }
    return before.isEmpty()
        ? EpochChain.from(VectorsWorld.GENESIS, record, accounts)
        : verified(before, accounts).next(record, accounts);
  }

  static EpochChain verified(List<String> names, Known accounts) {
    EpochChain chain = VectorsAccounts.value(EpochChain.from(VectorsWorld.GENESIS, epoch(1), accounts));
    for (String name : names.subList(1, names.size())) {
      chain = VectorsAccounts.value(chain.next(CHAIN.getOrDefault(name, OF_GHOST), accounts));
    }
    return chain;
  }
}
