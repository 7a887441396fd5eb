// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.crypto;

import static io.e2relay.client.crypto.VectorsPerson.ALICE;

import com.google.protobuf.ByteString;
import io.e2relay.client.crypto.VectorsPerson.Draft;
import io.e2relay.protocol.record.AccountKind;
import io.e2relay.protocol.record.AccountRecord;
import io.e2relay.protocol.record.Continuity;
import io.e2relay.protocol.record.Device;
import io.e2relay.protocol.record.Fault;
import io.e2relay.protocol.record.Hash;
import io.e2relay.protocol.record.Reading;
import io.e2relay.protocol.verify.AccountChain;
import io.e2relay.protocol.verify.Verdict;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/// account.json: the life of an account, and records at the limits.
final class VectorsAccounts {
  static final String FIRST = "first record, one device";
  static final String ADDED = "second device";
  static final String ROTATED = "rotated key";
  static final String REVOKED = "revoked device";
  static final String RESET = "reset with the root before it";
  static final String VETOED = "reset taken back by the owner";
  private static final BigInteger ORDER = new BigInteger(
      "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551", 16);

  private final VectorsFile file = new VectorsFile("account");
  private final Map<String, AccountRecord> life = new LinkedHashMap<>();

  static VectorsFile file() {
    return new VectorsAccounts().write();
  }

  private VectorsFile write() {
    keys();
    for (String name : List.of(FIRST, ADDED, ROTATED, REVOKED, RESET, VETOED)) {
      List<String> before = List.copyOf(life.keySet());
      positive(name, next(name), before);
    }
    otherResets();
    limits();
    AccountRecord added = of(ADDED);
    positive(ADDED + ", with the other form of each signature", otherForm(added), List.of(FIRST));
    new VectorsAccountFaults(file, life).write();
    alter(FIRST, List.of());
    alter(ADDED, List.of(FIRST));
    alter(RESET, List.of(FIRST, ADDED, ROTATED, REVOKED));
    return file;
  }

  private void keys() {
    Map<String, Object> keys = new LinkedHashMap<>();
    for (int i = 1; i <= 3; i++) {
      keys.put("ark " + i, ALICE.ark(i).json());
    }
    for (int i = 1; i <= 2; i++) {
      keys.put("aek " + i, ALICE.aek(i).json());
      keys.put("dsk " + i, ALICE.dsk(i).json());
      keys.put("dek " + i, ALICE.dek(i).json());
    }
    file.given("keys", keys);
  }

  AccountRecord of(String name) {
    return java.util.Objects.requireNonNull(life.get(name), name);
  }

  private AccountRecord next(String name) {
    AccountRecord record = switch (name) {
      case FIRST -> ALICE.first();
      case ADDED -> ALICE.record(new Draft(2, of(FIRST).hash(), AccountKind.DEVICE_ADDED, 1, 1, both()));
      case ROTATED -> ALICE.record(new Draft(3, of(ADDED).hash(), AccountKind.AEK_ROTATED, 1, 2, both()));
      case REVOKED ->
        ALICE.record(new Draft(4, of(ROTATED).hash(), AccountKind.DEVICE_REVOKED, 1, 3, List.of(ALICE.entry(2, 2))));
      case RESET -> {
        Draft reset = reset(of(REVOKED), 4);
        yield ALICE.record(reset, ALICE.byRoot(reset, 1));
      }
      default ->
        ALICE.record(new Draft(6, of(RESET).hash(), AccountKind.RESET_VETOED, 1, 5, List.of(ALICE.entry(2, 2))));
    };
    life.put(name, record);
    return record;
  }

  static List<Device> both() {
    return List.of(ALICE.entry(1, 1), ALICE.entry(2, 2));
  }

  static Draft reset(AccountRecord before, long gen) {
    return new Draft(before.statement().seq() + 1, before.hash(), AccountKind.IDENTITY_RESET, 2, gen,
        List.of(ALICE.entry(3, before.statement().seq() + 1)));
  }

  private void otherResets() {
    Draft reset = reset(of(ADDED), 2);
    positive("reset without continuity", ALICE.record(reset), List.of(FIRST, ADDED));
    positive("reset with a device of before", ALICE.record(reset, ALICE.byDevice(reset, 2)), List.of(FIRST, ADDED));
    Draft none = new Draft(2, of(FIRST).hash(), AccountKind.DEVICE_REVOKED, 1, 2, List.of());
    positive("last device revoked", ALICE.record(none), List.of(FIRST));
  }

  private void limits() {
    List<Device> sixteen = IntStream.rangeClosed(1, 16).mapToObj(i -> ALICE.entry(i, 1)).toList();
    positive("sixteen devices", ALICE.record(new Draft(1, Hash.NONE, AccountKind.GENESIS, 1, 1, sixteen)), List.of());
    VectorsParts largest = VectorsParts.account(of(ADDED).bytes()).with("seq", (1L << 53) - 1)
        .with("aek_gen", 0xffff_ffffL).with("created_ms", (1L << 53) - 1);
    positive("greatest numbers", value(AccountRecord.read(ALICE.signed(largest, 1))), List.of());
  }

  /// (r, n − s) is a signature of the same bytes by the same key; a record is never named by one.
  private static AccountRecord otherForm(AccountRecord record) {
    return new AccountRecord(record.statement(), otherForm(record.byRoot()), new Continuity.None(),
        record.pops().stream().map(VectorsAccounts::otherForm).toList());
  }

  static io.e2relay.protocol.record.Signature otherForm(io.e2relay.protocol.record.Signature signature) {
    BigInteger s = new BigInteger(1, signature.bytes().substring(32).toByteArray());
    byte[] other = org.bouncycastle.util.BigIntegers.asUnsignedByteArray(32, ORDER.subtract(s));
    return new io.e2relay.protocol.record.Signature(
        signature.bytes().substring(0, 32).concat(ByteString.copyFrom(other)));
  }

  private static VectorsCase described(String name, AccountRecord record) {
    return VectorsCase.named(name).with("record", "AccountRecord").with("record_hash", record.hash().bytes())
        .with("bytes", record.bytes()).with("fields", VectorsFields.of(record));
  }

  private void positive(String name, AccountRecord record, List<String> chain) {
    if (outcome(record.bytes(), chain(chain)) instanceof Reading.Unreadable<?>(Fault fault)) {
      throw new AssertionError(name + ": " + fault);
    }
    file.positive(described(name, record).with("chain", chain));
  }

  private void alter(String name, List<String> chain) {
    ByteString whole = of(name).bytes();
    List<AccountRecord> before = chain(chain);
    file.altered(VectorsCase.named(name).with("record", "AccountRecord").with("chain", chain).with("bytes", whole),
        whole, bytes -> outcome(bytes, before));
  }

  private List<AccountRecord> chain(List<String> names) {
    List<AccountRecord> chain = new ArrayList<>();
    names.forEach(name -> chain.add(of(name)));
    return chain;
  }

  /// Read, then verified behind those before it.
  static Reading<?> outcome(ByteString bytes, List<AccountRecord> before) {
    Reading<AccountRecord> read = AccountRecord.read(bytes);
    if (!(read instanceof Reading.Read<AccountRecord>(AccountRecord record))) {
      return read;
    }
    if (before.isEmpty()) {
      return AccountChain.alone(record) instanceof Verdict.Invalid(Fault fault)
          ? new Reading.Unreadable<>(fault)
          : read;
    }
    Reading<AccountChain> chain = AccountChain.from(before.getFirst());
    for (AccountRecord next : before.subList(1, before.size())) {
      chain = value(chain).next(next);
    }
    return value(chain).next(record);
  }

  static <T> T value(Reading<T> reading) {
    return switch (reading) {
      case Reading.Read<T>(T value) -> value;
      case Reading.Unreadable<T>(Fault fault) -> throw new AssertionError(fault.name());
    };
  }
}
