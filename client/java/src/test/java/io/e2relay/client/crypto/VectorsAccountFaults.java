// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.crypto;

import static io.e2relay.client.crypto.VectorsAccounts.ADDED;
import static io.e2relay.client.crypto.VectorsAccounts.FIRST;
import static io.e2relay.client.crypto.VectorsAccounts.RESET;
import static io.e2relay.client.crypto.VectorsAccounts.REVOKED;
import static io.e2relay.client.crypto.VectorsAccounts.ROTATED;
import static io.e2relay.client.crypto.VectorsCase.filled;
import static io.e2relay.client.crypto.VectorsPerson.ALICE;
import static java.util.Objects.requireNonNull;

import com.google.protobuf.ByteString;
import io.e2relay.client.crypto.VectorsPerson.Draft;
import io.e2relay.protocol.record.AccountKind;
import io.e2relay.protocol.record.AccountRecord;
import io.e2relay.protocol.record.Continuity;
import io.e2relay.protocol.record.Device;
import io.e2relay.protocol.record.Fault;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/// The faults of account.json; each expected fault was written down from the text of the protocol.
final class VectorsAccountFaults {
  private static final List<String> TO_REVOKED = List.of(FIRST, ADDED, ROTATED, REVOKED);
  private static final List<String> TO_RESET = List.of(FIRST, ADDED, ROTATED, REVOKED, RESET);
  private static final long BEYOND = 1L << 53;

  private final VectorsFile file;
  private final Map<String, AccountRecord> life;

  VectorsAccountFaults(VectorsFile file, Map<String, AccountRecord> life) {
    this.file = file;
    this.life = life;
  }

  void write() {
    numbers();
    lists();
    contradictions();
    points();
    signatures();
    context();
    addedRules();
    otherRules();
    resetRules();
    vetoRules();
  }

  private AccountRecord of(String name) {
    return requireNonNull(life.get(name), name);
  }

  private void refused(String name, ByteString bytes, Fault fault, List<String> chain) {
    List<AccountRecord> before = new ArrayList<>();
    chain.forEach(one -> before.add(of(one)));
    file.negative(VectorsCase.named(name).with("record", "AccountRecord").with("chain", chain).with("bytes", bytes),
        fault, VectorsAccounts.outcome(bytes, before));
  }

  /// The second record, with something else in it, signed again.
  private void edited(String name, Fault fault, UnaryOperator<VectorsParts> edit) {
    refused(name, ALICE.signed(edit.apply(VectorsParts.account(of(ADDED).bytes())), 1), fault, List.of(FIRST));
  }

  private void device(String name, Fault fault, UnaryOperator<VectorsParts> edit) {
    edited(name, fault,
        parts -> parts.withEntry("devices", 1, edit.apply(VectorsParts.device(parts.entry("devices", 1))).joined()));
  }

  private void number(String name, Fault fault, String field, long value) {
    edited(name, fault, parts -> parts.with(field, value));
  }

  private void numbers() {
    number("version 0", Fault.UNKNOWN_VERSION, "ver", 0);
    number("version 2", Fault.UNKNOWN_VERSION, "ver", 2);
    number("suite 0", Fault.UNKNOWN_SUITE, "suite", 0);
    number("suite 2", Fault.UNKNOWN_SUITE, "suite", 2);
    number("suite 256", Fault.UNKNOWN_SUITE, "suite", 256);
    number("seq 0", Fault.OUT_OF_RANGE, "seq", 0);
    number("seq 2^53", Fault.OUT_OF_RANGE, "seq", BEYOND);
    number("seq 2^64 - 1", Fault.OUT_OF_RANGE, "seq", -1);
    number("kind 0", Fault.UNKNOWN_VALUE, "kind", 0);
    number("kind 7", Fault.UNKNOWN_VALUE, "kind", 7);
    number("kind 255", Fault.UNKNOWN_VALUE, "kind", 255);
    number("aek_gen 0", Fault.OUT_OF_RANGE, "aek_gen", 0);
    number("created_ms 2^53", Fault.OUT_OF_RANGE, "created_ms", BEYOND);
    device("added_seq 0", Fault.OUT_OF_RANGE, parts -> parts.with("added_seq", 0));
    device("added_seq 2^53", Fault.OUT_OF_RANGE, parts -> parts.with("added_seq", BEYOND));
    device("added_ms 2^53", Fault.OUT_OF_RANGE, parts -> parts.with("added_ms", BEYOND));
    edited("cont_type 3", Fault.UNKNOWN_VALUE, parts -> parts.with("cont_type", 3));
  }

  private void lists() {
    VectorsParts whole = VectorsParts.account(of(ADDED).bytes());
    refused("17 devices", whole.with("n", 17).joined(), Fault.OUT_OF_RANGE, List.of(FIRST));
    refused("255 devices", whole.with("n", 255).joined(), Fault.OUT_OF_RANGE, List.of(FIRST));
    edited("devices in the other order", Fault.UNSORTED,
        parts -> parts.with("devices", parts.entry("devices", 1).concat(parts.entry("devices", 0))));
    edited("the same device twice", Fault.UNSORTED,
        parts -> parts.with("devices", parts.entry("devices", 0).concat(parts.entry("devices", 0))));
    edited("two devices of the same id", Fault.UNSORTED, parts -> parts.withEntry("devices", 1,
        parts.get("devices").substring(0, 16).concat(parts.entry("devices", 1).substring(16))));
    refused("a byte behind", of(ADDED).bytes().concat(filled(0, 1)), Fault.TRAILING_BYTES, List.of(FIRST));
    refused("itself behind", of(ADDED).bytes().concat(of(ADDED).bytes()), Fault.TRAILING_BYTES, List.of(FIRST));
    refused("a proof of possession too many", of(ADDED).bytes().concat(filled(1, 64)), Fault.TRAILING_BYTES,
        List.of(FIRST));
    refused("a proof of possession missing", of(ADDED).bytes().substring(0, of(ADDED).bytes().size() - 64),
        Fault.TRUNCATED, List.of(FIRST));
    refused("no bytes", ByteString.EMPTY, Fault.TRUNCATED, List.of());
  }

  private void contradictions() {
    number("seq 2 and kind 1", Fault.CONTRADICTION, "kind", 1);
    number("seq 1 and kind 2", Fault.CONTRADICTION, "seq", 1);
    first("first record with a record before", parts -> parts.with("prev_hash", filled(0, 31).concat(filled(1, 1))));
    first("first record with aek_gen 2", parts -> parts.with("aek_gen", 2));
    first("first record without a device", VectorsAccountFaults::withoutDevices);
    device("device of a later record", Fault.CONTRADICTION, parts -> parts.with("added_seq", 3));
    edited("device added and none there", Fault.CONTRADICTION, VectorsAccountFaults::withoutDevices);
    edited("reset without a device", Fault.CONTRADICTION, parts -> withoutDevices(parts).with("kind", 5));
    edited("continuity without a reset", Fault.CONTRADICTION,
        parts -> parts.with("cont_type", 1).with("cont", filled(1, 64)));
    edited("continuity of a device without a reset", Fault.CONTRADICTION,
        parts -> parts.with("cont_type", 2).with("cont", filled(1, 80)));
  }

  private static VectorsParts withoutDevices(VectorsParts parts) {
    return parts.with("n", 0).with("devices", ByteString.EMPTY);
  }

  private void first(String name, UnaryOperator<VectorsParts> edit) {
    VectorsParts parts = VectorsParts.account(of(FIRST).bytes());
    refused(name, ALICE.signed(edit.apply(parts), 1), Fault.CONTRADICTION, List.of());
  }

  private void points() {
    VectorsPoints.bad().forEach((name, bad) -> {
      edited("ark_pub " + name, bad.fault(), parts -> parts.with("ark_pub", bad.point()));
      edited("aek_pub " + name, bad.fault(), parts -> parts.with("aek_pub", bad.point()));
      device("dsk_pub " + name, bad.fault(), parts -> parts.with("dsk_pub", bad.point()));
      device("dek_pub " + name, bad.fault(), parts -> parts.with("dek_pub", bad.point()));
    });
    edited("aek is the ark", Fault.KEY_REUSED, parts -> parts.with("aek_pub", parts.get("ark_pub")));
    device("dek is the dsk", Fault.KEY_REUSED, parts -> parts.with("dek_pub", parts.get("dsk_pub")));
    device("dsk of another device", Fault.KEY_REUSED, parts -> parts.with("dsk_pub", ALICE.dsk(1).pub()));
    device("dek is the aek", Fault.KEY_REUSED, parts -> parts.with("dek_pub", ALICE.aek(1).pub()));
  }

  private void signatures() {
    VectorsParts whole = VectorsParts.account(of(ADDED).bytes());
    unsigned("signed by another root",
        whole.with("sig_ark", ALICE.ark(2).sign("account", whole.before("sig_ark")).bytes()));
    unsigned("signed under another name",
        whole.with("sig_ark", ALICE.ark(1).sign("epoch", whole.before("sig_ark")).bytes()));
    unsigned("signature of zeros", whole.with("sig_ark", filled(0, 64)));
    unsigned("signature of ones", whole.with("sig_ark", filled(0xff, 64)));
    unsigned("possessions in the other order",
        whole.with("pops", whole.get("pops").substring(64).concat(whole.get("pops").substring(0, 64))));
    ByteString whose = whole.get("tenant").concat(whole.get("uid")).concat(whole.get("ark_pub"));
    ByteString shown = whose.concat(VectorsParts.device(whole.entry("devices", 1)).before("added_seq"));
    ByteString first = whole.get("pops").substring(0, 64);
    unsigned("possession under another name",
        whole.with("pops", first.concat(ALICE.dsk(2).sign("account", shown).bytes())));
    unsigned("possession shown with the dek",
        whole.with("pops", first.concat(ALICE.dek(2).sign("dev-pop", shown).bytes())));
    unsigned("possession shown to another account", whole.with("pops",
        first.concat(ALICE.dsk(2).sign("dev-pop", filled(0x71, 16).concat(shown.substring(16))).bytes())));
  }

  private void unsigned(String name, VectorsParts parts) {
    refused(name, parts.joined(), Fault.BAD_SIGNATURE, List.of(FIRST));
  }

  private void context() {
    edited("another tenant", Fault.WRONG_CONTEXT, parts -> parts.with("tenant", filled(0x71, 16)));
    edited("another user", Fault.WRONG_CONTEXT, parts -> parts.with("uid", filled(0xb2, 16)));
    refused("older than the last", of(FIRST).bytes(), Fault.ROLLED_BACK, List.of(FIRST, ADDED));
    refused("another of the same seq", ALICE.signed(VectorsParts.account(of(ADDED).bytes()).with("created_ms", 1), 1),
        Fault.FORKED, List.of(FIRST, ADDED));
    refused("one left out", of(ROTATED).bytes(), Fault.BROKEN_CHAIN, List.of(FIRST));
    edited("another record before", Fault.BROKEN_CHAIN, parts -> parts.with("prev_hash", filled(9, 32)));
  }

  private void rule(String name, AccountRecord record, List<String> chain) {
    refused(name, record.bytes(), Fault.RULE_BROKEN, chain);
  }

  private Draft after(String name, AccountKind kind, int ark, long gen, List<Device> devices) {
    AccountRecord before = of(name);
    return new Draft(before.statement().seq() + 1, before.hash(), kind, ark, gen, devices);
  }

  private void addedRules() {
    AccountKind added = AccountKind.DEVICE_ADDED;
    List<String> chain = List.of(FIRST, ADDED);
    List<Device> three = List.of(ALICE.entry(1, 1), ALICE.entry(2, 2), ALICE.entry(3, 3));
    rule("device added by another root", ALICE.record(after(ADDED, added, 2, 1, three)), chain);
    rule("device added with the next key", ALICE.record(after(ADDED, added, 1, 2, three)), chain);
    rule("device added and one gone",
        ALICE.record(after(ADDED, added, 1, 1, List.of(ALICE.entry(1, 1), ALICE.entry(3, 3)))), chain);
    rule("device added and none new", ALICE.record(after(ADDED, added, 1, 1, VectorsAccounts.both())), chain);
    rule("new device as if it was there before",
        ALICE.record(after(ADDED, added, 1, 1, List.of(ALICE.entry(1, 1), ALICE.entry(2, 2), ALICE.entry(3, 2)))),
        chain);
    Device other = new Device(ALICE.device(2), ALICE.dsk(4).point(), ALICE.dek(2).point(), 2, 0);
    rule("other keys for a device that stays",
        ALICE.record(after(ADDED, added, 1, 1, List.of(ALICE.entry(1, 1), other, ALICE.entry(3, 3)))), chain);
    rule("another time for a device that stays",
        ALICE
            .record(after(ADDED, added, 1, 1,
                List.of(ALICE.entry(1, 1),
                    new Device(ALICE.device(2), ALICE.dsk(2).point(), ALICE.dek(2).point(), 2, 0), ALICE.entry(3, 3)))),
        chain);
  }

  private void otherRules() {
    List<String> chain = List.of(FIRST, ADDED);
    List<Device> both = VectorsAccounts.both();
    List<Device> one = List.of(ALICE.entry(2, 2));
    AccountKind revoked = AccountKind.DEVICE_REVOKED;
    rule("device revoked without the next key", ALICE.record(after(ADDED, revoked, 1, 1, one)), chain);
    rule("device revoked with a key too far", ALICE.record(after(ADDED, revoked, 1, 3, one)), chain);
    rule("device revoked and none gone", ALICE.record(after(ADDED, revoked, 1, 2, both)), chain);
    rule("device revoked and one new",
        ALICE.record(after(ADDED, revoked, 1, 2, List.of(ALICE.entry(2, 2), ALICE.entry(3, 3)))), chain);
    rule("device revoked by another root", ALICE.record(after(ADDED, revoked, 2, 2, one)), chain);
    AccountKind rotated = AccountKind.AEK_ROTATED;
    rule("rotated with a device gone", ALICE.record(after(ADDED, rotated, 1, 2, one)), chain);
    rule("rotated to the same generation", ALICE.record(after(ADDED, rotated, 1, 1, both)), chain);
    rule("rotated by another root", ALICE.record(after(ADDED, rotated, 2, 2, both)), chain);
    VectorsParts same = VectorsParts.account(ALICE.record(after(ADDED, rotated, 1, 2, both)).bytes());
    refused("rotated to the same key", ALICE.signed(same.with("aek_pub", ALICE.aek(1).pub()), 1), Fault.RULE_BROKEN,
        chain);
  }

  private void resetRules() {
    Draft reset = VectorsAccounts.reset(of(REVOKED), 4);
    rule("reset to the same root",
        ALICE.record(new Draft(5, reset.prev(), AccountKind.IDENTITY_RESET, 1, 4, reset.devices())), TO_REVOKED);
    rule("reset without the next key",
        ALICE.record(new Draft(5, reset.prev(), AccountKind.IDENTITY_RESET, 2, 3, reset.devices())), TO_REVOKED);
    refused("continuity signed by the new root", ALICE.record(reset, ALICE.byRoot(reset, 2)).bytes(),
        Fault.BAD_SIGNATURE, TO_REVOKED);
    refused("continuity signed by another device",
        ALICE.record(reset,
            new Continuity.ByDevice(ALICE.device(2), ALICE.dsk(3).sign("account-cont", ALICE.statement(reset).tbs())))
            .bytes(),
        Fault.BAD_SIGNATURE, TO_REVOKED);
    refused("continuity signed under another name",
        ALICE.record(reset, new Continuity.ByRoot(ALICE.ark(1).sign("account", ALICE.statement(reset).tbs()))).bytes(),
        Fault.BAD_SIGNATURE, TO_REVOKED);
    refused("continuity of a revoked device", ALICE.record(reset, ALICE.byDevice(reset, 1)).bytes(), Fault.NOT_A_SIGNER,
        TO_REVOKED);
    refused("continuity of the new device", ALICE.record(reset, ALICE.byDevice(reset, 3)).bytes(), Fault.NOT_A_SIGNER,
        TO_REVOKED);
  }

  private void vetoRules() {
    AccountKind vetoed = AccountKind.RESET_VETOED;
    List<Device> before = List.of(ALICE.entry(2, 2));
    rule("veto without a reset", ALICE.record(after(REVOKED, vetoed, 1, 4, before)), TO_REVOKED);
    rule("veto by the new root", ALICE.record(after(RESET, vetoed, 2, 5, before)), TO_RESET);
    rule("veto without the next key", ALICE.record(after(RESET, vetoed, 1, 4, before)), TO_RESET);
    rule("veto that keeps the new device",
        ALICE.record(after(RESET, vetoed, 1, 5, List.of(ALICE.entry(2, 2), ALICE.entry(3, 5)))), TO_RESET);
    VectorsParts late = VectorsParts.account(ALICE.record(after(RESET, vetoed, 1, 5, before)).bytes());
    long day = 24 * 60 * VectorsPerson.MINUTE_MS;
    refused("veto a millisecond too late",
        ALICE.signed(late.with("created_ms", of(RESET).statement().createdMs() + day + 1), 1), Fault.RULE_BROKEN,
        TO_RESET);
  }
}
