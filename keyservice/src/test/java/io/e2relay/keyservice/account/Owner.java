// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.account;

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
import io.e2relay.protocol.record.Labels;
import io.e2relay.protocol.record.LoginStatement;
import io.e2relay.protocol.record.Point;
import io.e2relay.protocol.record.Signature;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Somebody with an account: makes its records as a client would, with real keys and signatures.
public final class Owner {
  private static final SecureRandom RANDOM = new SecureRandom();

  /// A device's keys; the second one is never used to open anything here.
  public record Keys(DeviceId id, KeyPair signing, KeyPair opening) {
    public static Keys make() {
      return new Keys(new DeviceId(random(DeviceId.BYTES)), pair(), pair());
    }
  }

  public final TenantId tenant;
  public final Uid uid;
  public final Map<DeviceId, Keys> devices = new HashMap<>();
  public long nowMs;
  private KeyPair root = pair();
  private KeyPair key = pair();

  public Owner(TenantId tenant, Uid uid, long nowMs) {
    this.tenant = tenant;
    this.uid = uid;
    this.nowMs = nowMs;
  }

  public long now() {
    return nowMs;
  }

  public AccountRecord genesis(Keys device) {
    devices.put(device.id(), device);
    return sign(new AccountStatement(tenant, uid, 1, Hash.NONE, AccountKind.GENESIS, point(root), 1, point(key),
        List.of(entry(device, 1)), nowMs));
  }

  public AccountRecord add(AccountRecord before, Keys device) {
    devices.put(device.id(), device);
    List<Device> entries = new ArrayList<>(before.statement().devices());
    entries.add(entry(device, before.statement().seq() + 1));
    return next(before, AccountKind.DEVICE_ADDED, before.statement().aekGen(), entries);
  }

  public AccountRecord revoke(AccountRecord before, DeviceId device) {
    key = pair();
    return next(before, AccountKind.DEVICE_REVOKED, before.statement().aekGen() + 1,
        before.statement().devices().stream().filter(entry -> !entry.id().equals(device)).toList());
  }

  public AccountRecord turn(AccountRecord before) {
    return turn(before, pair());
  }

  AccountRecord turn(AccountRecord before, KeyPair newKey) {
    key = newKey;
    return next(before, AccountKind.AEK_ROTATED, before.statement().aekGen() + 1, before.statement().devices());
  }

  /// @return the reset, by one of the account's devices if one is given
  public AccountRecord reset(AccountRecord before, Keys device, boolean proven) {
    root = pair();
    key = pair();
    AccountRecord plain = next(before, AccountKind.IDENTITY_RESET, before.statement().aekGen() + 1,
        before.statement().devices());
    return proven
        ? new AccountRecord(plain.statement(), plain.byRoot(),
            new Continuity.ByDevice(device.id(), sign(device.signing(), "account-cont", plain.statement().tbs())),
            plain.pops())
        : plain;
  }

  AccountRecord veto(AccountRecord before, KeyPair oldRoot, List<Device> kept) {
    root = oldRoot;
    key = pair();
    return next(before, AccountKind.RESET_VETOED, before.statement().aekGen() + 1, kept);
  }

  KeyPair root() {
    return root;
  }

  KeyPair key() {
    return key;
  }

  private AccountRecord next(AccountRecord before, AccountKind kind, long generation, List<Device> entries) {
    return sign(new AccountStatement(tenant, uid, before.statement().seq() + 1, before.hash(), kind, point(root),
        generation, point(key),
        entries.stream()
            .sorted(Comparator.comparing(device -> device.id().bytes(), ByteString.unsignedLexicographicalComparator()))
            .toList(),
        nowMs));
  }

  AccountRecord sign(AccountStatement statement) {
    return new AccountRecord(statement, sign(root, "account", statement.tbs()), new Continuity.None(),
        statement.devices().stream()
            .map(device -> sign(keys(device.id()).signing(), "dev-pop", statement.possession(device))).toList());
  }

  private Keys keys(DeviceId id) {
    Keys keys = devices.get(id);
    if (keys == null) {
      throw new IllegalArgumentException("not a device of this owner");
    }
    return keys;
  }

  /// As many wraps as the record has devices; they open nothing, which no server can see.
  public Put put(AccountRecord record) {
    return new Put(tenant, uid, record, wraps(record), List.of());
  }

  /// The same of a strict account.
  public Put strictly(AccountRecord record) {
    return new Put(tenant, uid, record, wraps(record), wraps(record));
  }

  private static List<ByteString> wraps(AccountRecord record) {
    return record.statement().devices().stream().map(_ -> wrap()).toList();
  }

  public Signature login(Keys device, ByteString nonce, String audience) {
    return sign(device.signing(), "auth", new LoginStatement(tenant, uid, device.id(), nonce, audience, nowMs).tbs());
  }

  static ByteString wrap() {
    return point(pair()).bytes().concat(random(AccountRecord.DEVICE_WRAP_BYTES - Point.BYTES));
  }

  Device entry(Keys device, long seq) {
    return new Device(device.id(), point(device.signing()), point(device.opening()), seq, nowMs);
  }

  public static Signature sign(KeyPair pair, String name, ByteString bytes) {
    try {
      java.security.Signature signer = java.security.Signature.getInstance("SHA256withECDSAinP1363Format");
      signer.initSign(pair.getPrivate());
      signer.update(Labels.of(Labels.SIGNATURE + name).toByteArray());
      signer.update(bytes.toByteArray());
      return new Signature(ByteString.copyFrom(signer.sign()));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  public static KeyPair pair() {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec("secp256r1"));
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  public static Point point(KeyPair pair) {
    var w = ((ECPublicKey) pair.getPublic()).getW();
    return new Point(ByteString.copyFrom(new byte[]{4}).concat(fixed(w.getAffineX())).concat(fixed(w.getAffineY())));
  }

  public static ByteString random(int length) {
    byte[] bytes = new byte[length];
    RANDOM.nextBytes(bytes);
    return ByteString.copyFrom(bytes);
  }

  private static ByteString fixed(BigInteger coordinate) {
    byte[] bytes = new byte[32];
    byte[] own = coordinate.toByteArray();
    int length = Math.min(own.length, 32);
    System.arraycopy(own, own.length - length, bytes, 32 - length, length);
    return ByteString.copyFrom(bytes);
  }
}
