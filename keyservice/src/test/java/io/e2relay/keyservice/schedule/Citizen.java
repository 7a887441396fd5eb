// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.schedule;

import static java.util.Objects.requireNonNull;

import com.google.protobuf.ByteString;
import io.e2relay.keyservice.account.Owner;
import io.e2relay.keyservice.account.Put;
import io.e2relay.keyservice.epoch.Author;
import io.e2relay.keyservice.epoch.Draft;
import io.e2relay.keyservice.jobs.Holder;
import io.e2relay.keyservice.membership.Named;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.record.AccountKey;
import io.e2relay.protocol.record.AccountKind;
import io.e2relay.protocol.record.AccountRecord;
import io.e2relay.protocol.record.AccountStatement;
import io.e2relay.protocol.record.Continuity;
import io.e2relay.protocol.record.Device;
import io.e2relay.protocol.record.Hash;
import io.e2relay.protocol.record.Signature;
import io.e2relay.protocol.record.Signer;
import java.security.KeyPair;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Somebody whose keys are made once and used in every schedule: what can become of the account is a tree, whose
/// records are signed when somebody first gets there.
public final class Citizen {
  public static final long NOW = 1_795_000_000_000L;

  /// One of several things that two devices of a user may do to the account at the same time.
  private record Branch(Hash before, AccountKind kind, int variant) {
  }

  public final Uid uid;
  public final AccountRecord first;
  /// As another device might have begun the account at the same time.
  final AccountRecord rival;
  private final Owner.Keys phone = Owner.Keys.make();
  private final Owner.Keys spare = Owner.Keys.make();
  private final Map<Hash, KeyPair> roots = new HashMap<>();
  private final Map<Branch, AccountRecord> branches = new HashMap<>();

  public Citizen(int number) {
    uid = Named.user(number);
    first = begun();
    rival = begun();
  }

  private AccountRecord begun() {
    KeyPair root = Owner.pair();
    List<Device> devices = List.of(phone, spare).stream()
        .map(keys -> new Device(keys.id(), Owner.point(keys.signing()), Owner.point(keys.opening()), 1, NOW))
        .sorted(Comparator.comparing(device -> device.id().bytes(), ByteString.unsignedLexicographicalComparator()))
        .toList();
    return signed(new AccountStatement(Named.TENANT, uid, 1, Hash.NONE, AccountKind.GENESIS, Owner.point(root), 1,
        Owner.point(Owner.pair()), devices, NOW), root, new Continuity.None());
  }

  /// The same record for the same question, whoever asks.
  public AccountRecord next(AccountRecord before, AccountKind kind, int variant) {
    return branches.computeIfAbsent(new Branch(before.hash(), kind, variant), _ -> make(before, kind));
  }

  private AccountRecord make(AccountRecord before, AccountKind kind) {
    AccountStatement was = before.statement();
    boolean reset = kind == AccountKind.IDENTITY_RESET;
    KeyPair root = reset ? Owner.pair() : requireNonNull(roots.get(before.hash()));
    List<Device> devices = kind == AccountKind.DEVICE_REVOKED
        ? was.devices().stream().filter(device -> !device.id().equals(spare.id())).toList()
        : was.devices();
    AccountStatement statement = new AccountStatement(was.tenant(), uid, was.seq() + 1, before.hash(), kind,
        Owner.point(root), was.aekGen() + 1, Owner.point(Owner.pair()), devices, NOW);
    return signed(statement, root,
        reset
            ? new Continuity.ByDevice(phone.id(), Owner.sign(phone.signing(), "account-cont", statement.tbs()))
            : new Continuity.None());
  }

  private AccountRecord signed(AccountStatement statement, KeyPair root, Continuity continuity) {
    AccountRecord record = new AccountRecord(statement, Owner.sign(root, "account", statement.tbs()), continuity,
        statement.devices().stream().map(device -> Owner
            .sign((device.id().equals(phone.id()) ? phone : spare).signing(), "dev-pop", statement.possession(device)))
            .toList());
    roots.put(record.hash(), root);
    return record;
  }

  /// With wraps that open nothing, which no server can see.
  public Put put(AccountRecord record) {
    ByteString wrap = Draft.wrap();
    ByteString longer = wrap.concat(ByteString.copyFrom(new byte[AccountRecord.DEVICE_WRAP_BYTES - wrap.size()]));
    return new Put(Named.TENANT, uid, record, record.statement().devices().stream().map(_ -> longer).toList(),
        List.of());
  }

  public Author author() {
    return new Author(Named.TENANT, uid, phone.id());
  }

  Holder holder(boolean onPhone) {
    return new Holder(uid, onPhone ? phone.id() : spare.id());
  }

  public Signer signer(AccountRecord account) {
    return new Signer(uid, phone.id(), account.statement().seq());
  }

  public Signature sign(String name, ByteString bytes) {
    return Owner.sign(phone.signing(), name, bytes);
  }

  /// As the root of that record signs.
  public Signature signAsRoot(AccountRecord record, ByteString bytes) {
    return Owner.sign(requireNonNull(roots.get(record.hash())), "account", bytes);
  }

  public static AccountKey key(AccountRecord account) {
    return new AccountKey(account.statement().seq(), account.hash(), account.statement().aekGen());
  }
}
