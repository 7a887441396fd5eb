// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.crypto;

import static io.e2relay.client.crypto.VectorsCase.filled;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.id.DeviceId;
import io.e2relay.protocol.id.TenantId;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.record.AccountKind;
import io.e2relay.protocol.record.AccountRecord;
import io.e2relay.protocol.record.AccountStatement;
import io.e2relay.protocol.record.Continuity;
import io.e2relay.protocol.record.Device;
import io.e2relay.protocol.record.Hash;
import io.e2relay.protocol.record.Signature;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/// Somebody in the published vectors: every id and key comes from the name and a number.
record VectorsPerson(String name, int number) {
  static final VectorsPerson ALICE = new VectorsPerson("alice", 0xa1);
  static final VectorsPerson BOB = new VectorsPerson("bob", 0xb2);
  static final VectorsPerson CAROL = new VectorsPerson("carol", 0xc3);
  static final TenantId TENANT = new TenantId(filled(0x70, 16));
  static final long BEGIN_MS = 1_790_000_000_000L;
  static final long MINUTE_MS = 60_000;
  private static final int DEVICES = 17;

  /// What an AccountRecord is made of: which root, which generation, which devices by their numbers, since when.
  record Draft(long seq, Hash prev, AccountKind kind, int ark, long gen, List<Device> devices) {
    long createdMs() {
      return BEGIN_MS + seq * MINUTE_MS;
    }
  }

  Uid uid() {
    return new Uid(filled(number, 16));
  }

  VectorsKeys ark(int i) {
    return VectorsKeys.of(name + " ark " + i);
  }

  VectorsKeys aek(long gen) {
    return VectorsKeys.of(name + " aek " + gen);
  }

  DeviceId device(int i) {
    return new DeviceId(filled(number, 15).concat(filled(i, 1)));
  }

  VectorsKeys dsk(int i) {
    return VectorsKeys.of(name + " dsk " + i);
  }

  VectorsKeys dek(int i) {
    return VectorsKeys.of(name + " dek " + i);
  }

  Device entry(int i, long addedSeq) {
    return new Device(device(i), dsk(i).point(), dek(i).point(), addedSeq, BEGIN_MS + addedSeq * MINUTE_MS);
  }

  AccountStatement statement(Draft draft) {
    return new AccountStatement(TENANT, uid(), draft.seq(), draft.prev(), draft.kind(), ark(draft.ark()).point(),
        draft.gen(), aek(draft.gen()).point(), draft.devices(), draft.createdMs());
  }

  AccountRecord record(Draft draft) {
    return record(draft, new Continuity.None());
  }

  AccountRecord record(Draft draft, Continuity continuity) {
    AccountStatement statement = statement(draft);
    List<Signature> pops = new ArrayList<>();
    statement.devices()
        .forEach(device -> pops.add(dskOf(device.dsk().bytes()).sign("dev-pop", statement.possession(device))));
    return new AccountRecord(statement, ark(draft.ark()).sign("account", statement.tbs()), continuity, pops);
  }

  Continuity byRoot(Draft draft, int ark) {
    return new Continuity.ByRoot(ark(ark).sign("account-cont", statement(draft).tbs()));
  }

  Continuity byDevice(Draft draft, int device) {
    return new Continuity.ByDevice(device(device), dsk(device).sign("account-cont", statement(draft).tbs()));
  }

  /// The account of somebody about whom nothing is special.
  AccountRecord first() {
    return record(new Draft(1, Hash.NONE, AccountKind.GENESIS, 1, 1, List.of(entry(1, 1))));
  }

  /// Signs again what was edited, so that nothing but the edit is wrong with it.
  ByteString signed(VectorsParts edited, int ark) {
    VectorsParts root = edited.signed("sig_ark", ark(ark), "account");
    ByteString whose = edited.get("tenant").concat(edited.get("uid")).concat(edited.get("ark_pub"));
    ByteString pops = ByteString.EMPTY;
    for (int i = 0; i < edited.get("n").byteAt(0); i++) {
      VectorsParts device = VectorsParts.device(edited.entry("devices", i));
      pops = pops
          .concat(dskOf(device.get("dsk_pub")).sign("dev-pop", whose.concat(device.before("added_seq"))).bytes());
    }
    return root.with("pops", pops).joined();
  }

  /// A key that is no device's of this person is nobody's: then something else is found before what it signs.
  private VectorsKeys dskOf(ByteString point) {
    return IntStream.rangeClosed(1, DEVICES).mapToObj(this::dsk).filter(keys -> keys.pub().equals(point)).findFirst()
        .orElse(VectorsKeys.of("nobody"));
  }
}
