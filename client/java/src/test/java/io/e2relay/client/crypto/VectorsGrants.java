// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.crypto;

import static io.e2relay.client.crypto.VectorsCase.filled;
import static io.e2relay.client.crypto.VectorsCase.label;
import static io.e2relay.client.crypto.VectorsCase.number;
import static io.e2relay.client.crypto.VectorsCase.sha256;
import static io.e2relay.client.crypto.VectorsConversations.EPOCHS;
import static io.e2relay.client.crypto.VectorsConversations.epoch;
import static io.e2relay.client.crypto.VectorsPerson.ALICE;
import static io.e2relay.client.crypto.VectorsPerson.BOB;
import static io.e2relay.client.crypto.VectorsPerson.CAROL;
import static io.e2relay.client.crypto.VectorsWorld.signer;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.id.Epoch;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.record.AccountKey;
import io.e2relay.protocol.record.AccountRecord;
import io.e2relay.protocol.record.EpochRecord;
import io.e2relay.protocol.record.Fault;
import io.e2relay.protocol.record.Grant;
import io.e2relay.protocol.record.GrantKind;
import io.e2relay.protocol.record.GrantStatement;
import io.e2relay.protocol.record.Reading;
import io.e2relay.protocol.record.Signer;
import io.e2relay.protocol.verify.GrantCheck;
import io.e2relay.protocol.verify.Verdict;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;

/// grant.json: keys given outside the epochs' records, in the conversation as it is in its fifth epoch.
final class VectorsGrants {
  private static final VectorsKeys EPHEMERAL = VectorsKeys.of("ephemeral of a grant");
  private static final AccountKey BOBS = of(VectorsWorld.BOB_1);

  private final VectorsFile file = new VectorsFile("grant").given("accounts", VectorsWorld.json())
      .given("genesis", VectorsWorld.GENESIS.bytes()).given("epochs", epochs()).given("ephemeral", EPHEMERAL);

  static VectorsFile file() {
    return new VectorsGrants().write();
  }

  private static Map<String, Object> epochs() {
    Map<String, Object> epochs = new LinkedHashMap<>();
    EPOCHS.subList(0, 5).forEach(name -> epochs.put(name, VectorsCase.hex(epoch(1 + EPOCHS.indexOf(name)).bytes())));
    return epochs;
  }

  static AccountKey of(AccountRecord account) {
    return new AccountKey(account.statement().seq(), account.hash(), account.statement().aekGen());
  }

  private static Grant grant(GrantKind kind, int epoch, Uid to, AccountKey account, Signer granter) {
    GrantStatement statement = new GrantStatement(VectorsWorld.conversation(), new Epoch(epoch), epoch(epoch).hash(),
        to, account, kind, granter, VectorsPerson.BEGIN_MS);
    VectorsPerson who = granter.uid().equals(ALICE.uid()) ? ALICE : granter.uid().equals(BOB.uid()) ? BOB : CAROL;
    int device = granter.device().bytes().byteAt(15);
    return new Grant(statement, who.dsk(device).sign("grant", statement.tbs()));
  }

  private VectorsFile write() {
    AccountKey alices = of(VectorsWorld.ALICE_3);
    Grant typical = grant(GrantKind.REWRAP, 3, BOB.uid(), BOBS, signer(ALICE, 1, 3));
    positive("again for bob", typical, BOB.aek(1));
    positive("again for alice's next key", grant(GrantKind.REWRAP, 1, ALICE.uid(), alices, signer(BOB, 1, 1)),
        ALICE.aek(2));
    positive("history for bob", grant(GrantKind.HISTORY, 2, BOB.uid(), BOBS, signer(ALICE, 1, 3)), BOB.aek(1));
    positive("by somebody who was active then", grant(GrantKind.REWRAP, 3, BOB.uid(), BOBS, signer(CAROL, 1, 1)),
        BOB.aek(1));
    numbers(typical);
    faults(typical);
    file.altered(VectorsCase.named("again for bob").with("record", "Grant").with("bytes", typical.bytes()),
        typical.bytes(), VectorsGrants::outcome);
    return file;
  }

  private void positive(String name, Grant grant, VectorsKeys to) {
    GrantStatement s = grant.statement();
    VectorsAccounts.value(outcome(grant.bytes()));
    ByteString key = VectorsWorld.key(s.epoch().value());
    ByteString info = label("e2r/1/wrap").concat(s.conversation().bytes()).concat(number(4, s.epoch().value()))
        .concat(s.grantee().bytes()).concat(number(4, s.account().aekGen())).concat(sha256(to.pub()));
    ByteString wrap = VectorsCrypto.wrap(to.pub(), info, s.hash().bytes(), key, EPHEMERAL);
    Wrapping.ConversationWrap what = new Wrapping.ConversationWrap(s.conversation(), s.epoch(), s.grantee(),
        s.account().aekGen(), s.hash());
    VectorsSeals.same(wrap, Wrapping.wrap(VectorsGiven.pair(EPHEMERAL), SymmetricKey.of(key), to.point(), what));
    file.positive(
        VectorsCase.named(name).with("record", "Grant").with("grant_hash", s.hash().bytes()).with("recipient", to)
            .with("key", key).with("wrap", wrap).with("bytes", grant.bytes()).with("fields", VectorsFields.of(grant)));
  }

  private void refused(String name, ByteString bytes, Fault fault) {
    file.negative(VectorsCase.named(name).with("record", "Grant").with("bytes", bytes), fault, outcome(bytes));
  }

  private void edited(String name, Grant grant, Fault fault, UnaryOperator<VectorsParts> edit) {
    refused(name, edit.apply(VectorsParts.grant(grant.bytes())).signed("sig", ALICE.dsk(1), "grant").joined(), fault);
  }

  private void numbers(Grant typical) {
    long beyond = 1L << 53;
    edited("version 0", typical, Fault.UNKNOWN_VERSION, parts -> parts.with("ver", 0));
    edited("version 2", typical, Fault.UNKNOWN_VERSION, parts -> parts.with("ver", 2));
    edited("epoch 0", typical, Fault.OUT_OF_RANGE, parts -> parts.with("epoch", 0));
    edited("account_seq 0", typical, Fault.OUT_OF_RANGE, parts -> parts.with("account_seq", 0));
    edited("account_seq 2^53", typical, Fault.OUT_OF_RANGE, parts -> parts.with("account_seq", beyond));
    edited("aek_gen 0", typical, Fault.OUT_OF_RANGE, parts -> parts.with("aek_gen", 0));
    edited("kind 0", typical, Fault.UNKNOWN_VALUE, parts -> parts.with("kind", 0));
    edited("kind 3", typical, Fault.UNKNOWN_VALUE, parts -> parts.with("kind", 3));
    edited("granter_seq 0", typical, Fault.OUT_OF_RANGE, parts -> parts.with("granter_seq", 0));
    edited("granter_seq 2^53", typical, Fault.OUT_OF_RANGE, parts -> parts.with("granter_seq", beyond));
    edited("created_ms 2^53", typical, Fault.OUT_OF_RANGE, parts -> parts.with("created_ms", beyond));
    refused("a byte behind", typical.bytes().concat(filled(0, 1)), Fault.TRAILING_BYTES);
    refused("no bytes", ByteString.EMPTY, Fault.TRUNCATED);
  }

  private void faults(Grant typical) {
    edited("another conversation", typical, Fault.WRONG_CONTEXT, parts -> parts.with("conv_id", filled(0xc0, 32)));
    edited("epoch that is none yet", typical, Fault.WRONG_CONTEXT, parts -> parts.with("epoch", 9));
    edited("hash of another epoch", typical, Fault.WRONG_CONTEXT,
        parts -> parts.with("epoch_hash", epoch(2).hash().bytes()));
    edited("granter that nobody knows", typical, Fault.NOT_A_SIGNER, parts -> parts.with("granter_uid", filled(9, 16)));
    edited("device that the record lacks", typical, Fault.NOT_A_SIGNER,
        parts -> parts.with("granter_device", ALICE.device(2).bytes()));
    refused("by somebody who was not in yet, and is not any more",
        grant(GrantKind.REWRAP, 1, BOB.uid(), BOBS, signer(CAROL, 1, 1)).bytes(), Fault.NOT_A_SIGNER);
    refused("by a record older than the roster's",
        grant(GrantKind.HISTORY, 4, BOB.uid(), BOBS, signer(ALICE, 2, 2)).bytes(), Fault.NOT_A_SIGNER);
    VectorsParts parts = VectorsParts.grant(typical.bytes());
    ByteString tbs = parts.before("sig");
    refused("signed by another device", parts.with("sig", ALICE.dsk(2).sign("grant", tbs).bytes()).joined(),
        Fault.BAD_SIGNATURE);
    refused("signed under another name", parts.with("sig", ALICE.dsk(1).sign("epoch", tbs).bytes()).joined(),
        Fault.BAD_SIGNATURE);
    AccountKey carols = of(VectorsWorld.CAROL_1);
    refused("again for somebody who was pending",
        grant(GrantKind.REWRAP, 2, CAROL.uid(), carols, signer(ALICE, 1, 3)).bytes(), Fault.NOT_ALLOWED);
    refused("again for somebody who was not there",
        grant(GrantKind.REWRAP, 1, CAROL.uid(), carols, signer(ALICE, 1, 3)).bytes(), Fault.NOT_ALLOWED);
    refused("history for somebody who was removed",
        grant(GrantKind.HISTORY, 3, CAROL.uid(), carols, signer(ALICE, 1, 3)).bytes(), Fault.NOT_ALLOWED);
  }

  static Reading<?> outcome(ByteString bytes) {
    Reading<Grant> read = Grant.read(bytes);
    if (!(read instanceof Reading.Read<Grant>(Grant grant))) {
      return read;
    }
    // An epoch that nobody has is none to which the grant could belong.
    Optional<EpochRecord> of = Optional.of(grant.statement().epoch().value()).filter(number -> number <= 5)
        .map(number -> epoch(number.intValue()));
    return GrantCheck.verify(grant, of.orElse(epoch(5)), epoch(5),
        VectorsWorld.known(VectorsWorld.USUAL)) instanceof Verdict.Invalid(Fault fault)
            ? new Reading.Unreadable<>(fault)
            : read;
  }
}
