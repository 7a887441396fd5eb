// SPDX-License-Identifier: Apache-2.0
package io.e2relay.deploy.attack;

import static org.junit.jupiter.api.Assertions.assertEquals;

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
import io.e2relay.protocol.id.Ids;
import io.e2relay.protocol.id.TenantId;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.record.AccountKey;
import io.e2relay.protocol.record.AccountRecord;
import io.e2relay.protocol.record.AddPolicy;
import io.e2relay.protocol.record.ConversationType;
import io.e2relay.protocol.record.EpochRecord;
import io.e2relay.protocol.record.Fault;
import io.e2relay.protocol.record.GenesisStatement;
import io.e2relay.protocol.record.HistoryPolicy;
import io.e2relay.protocol.record.Policy;
import io.e2relay.protocol.record.Reading;
import io.e2relay.protocol.record.RewrapPolicy;
import io.e2relay.protocol.record.RosterEntry;
import io.e2relay.protocol.record.RosterRole;
import io.e2relay.protocol.record.RosterState;
import io.e2relay.protocol.record.Signer;
import io.e2relay.protocol.verify.AccountChain;
import io.e2relay.protocol.verify.Accounts;
import io.e2relay.protocol.verify.EnvelopeCheck;
import io.e2relay.protocol.verify.GrantCheck;
import io.e2relay.protocol.verify.KeyCommitment;
import io.e2relay.protocol.verify.Verdict;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/// That each forgery is as good as a server can make it: it fails by the one thing that it is to fail by.
final class ImpostorTest {
  private static final TenantId TENANT = new TenantId(ByteString.fromHex("00112233445566778899aabbccddeeff"));
  private static final ByteString KEY = ByteString.copyFromUtf8("a key that only the server knows");

  private final Uid alice = Ids.uid(TENANT, "alice");
  private final SigningKey root = SigningKey.generate();
  private final AgreementKey key = AgreementKey.generate();
  private final DeviceKeys phone = DeviceKeys.generate();
  private final AccountChain chain = first();
  private final Impostor impostor = new Impostor(TENANT, Ids.uid(TENANT, "mallory"));
  private final Accounts accounts = directory(Map.of(alice, chain.last(), impostor.uid(), impostor.account().record()));
  private final MadeEpoch made = new ConversationMaker(phone, chain.last(), accounts)
      .begin(
          new ConversationMaker.Settings(ConversationType.GROUP,
              new Policy(HistoryPolicy.FULL, AddPolicy.ANY_MEMBER, RewrapPolicy.HISTORY), 0,
              GenesisStatement.NO_PREDECESSOR),
          List.of(new RosterMember(alice, RosterRole.ADMIN, RosterState.ACTIVE)), 1);
  private final Signer signer = new Signer(alice, phone.device(), 1);

  @Test
  void a_substituted_account_is_good_in_itself_and_forks_what_was_known() {
    Impostor asAlice = new Impostor(TENANT, alice);
    assertEquals(asAlice.account().chain(), Records.chain(List.of(asAlice.account().record().bytes())));
    assertEquals(fault(Fault.FORKED), chain.next(asAlice.account().record()));
  }

  @Test
  void a_reset_by_nobody_follows_and_a_device_slipped_in_lacks_only_the_roots_signature() {
    Impostor asAlice = new Impostor(TENANT, alice);
    assertEquals(2, Records.value(chain.next(asAlice.reset(chain))).last().statement().seq());
    AccountRecord slipped = asAlice.slippedIn(chain.last());
    assertEquals(fault(Fault.BAD_SIGNATURE), chain.next(slipped));
    AccountRecord signed = new AccountRecord(slipped.statement(), root.sign("account", slipped.statement().tbs()),
        slipped.continuity(), slipped.pops());
    assertEquals(signed, Records.value(chain.next(signed)).last());
  }

  @Test
  void an_epoch_with_one_more_fails_by_its_signer_or_by_its_signature_alone() {
    RosterEntry more = impostor.entry(RosterRole.MEMBER);
    assertEquals(fault(Fault.NOT_A_SIGNER),
        made.chain().next(impostor.epoch(made.record(), impostor.signer(), more, KEY), accounts));
    EpochRecord asAlice = impostor.epoch(made.record(), signer, more, KEY);
    assertEquals(fault(Fault.BAD_SIGNATURE), made.chain().next(asAlice, accounts));
    EpochRecord signed = new EpochRecord(asAlice.statement(), phone.signing().sign("epoch", asAlice.statement().tbs()));
    assertEquals(signed, Records.value(made.chain().next(signed, accounts)).last());
  }

  @Test
  void a_grant_and_a_message_fail_by_the_signature_and_by_the_device_alone() {
    assertEquals(new Verdict.Invalid(Fault.BAD_SIGNATURE),
        GrantCheck.verify(impostor.grant(made.record(), signer, entry()), made.record(), made.record(), accounts));
    assertEquals(new Verdict.Invalid(Fault.NOT_A_SIGNER),
        EnvelopeCheck.verify(impostor.message(made.record(), alice, KEY), made.record(), accounts));
  }

  @Test
  void a_raw_wrap_opens_and_what_is_in_it_is_not_the_key() {
    EpochOpening opening = new EpochOpening(alice, Set.of(chain.last().hash()), new TreeMap<>(Map.of(1L, key)));
    ByteString wrap = RawWrap.of(KEY, made.record().statement(), entry(), key.publicKey());
    assertEquals(made.wrapFor(alice).size(), wrap.size());
    assertEquals(Fault.BAD_COMMITMENT, ((Opening.Refused) opening.open(made.record(), wrap)).fault());
    EpochRecord committed = impostor.epoch(made.record(), signer, impostor.entry(RosterRole.MEMBER), KEY);
    assertEquals(KeyCommitment.of(KEY, committed.statement().conversation(), committed.statement().epoch()),
        committed.statement().keyCommitment());
    assertEquals(Opening.Opened.class,
        opening.open(committed, RawWrap.of(KEY, committed.statement(), entry(), key.publicKey())).getClass());
  }

  private RosterEntry entry() {
    return new RosterEntry(alice, RosterRole.ADMIN, RosterState.ACTIVE, new AccountKey(1, chain.last().hash(), 1));
  }

  private AccountChain first() {
    Account account = new Account(TENANT, alice);
    return new AccountMaker(account, root).first(key, List.of(DeviceOffer.of(account, root.publicKey(), phone)), 1)
        .chain();
  }

  private static Reading<?> fault(Fault fault) {
    return new Reading.Unreadable<>(fault);
  }

  private static Accounts directory(Map<Uid, AccountRecord> records) {
    return new Accounts() {
      @Override
      public Optional<AccountRecord> record(Uid uid, long seq) {
        return newest(uid).filter(record -> record.statement().seq() == seq);
      }

      @Override
      public Optional<AccountRecord> newest(Uid uid) {
        return Optional.ofNullable(records.get(uid));
      }
    };
  }
}
