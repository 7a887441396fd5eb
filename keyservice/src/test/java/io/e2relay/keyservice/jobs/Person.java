// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.jobs;

import com.google.protobuf.ByteString;
import io.e2relay.keyservice.account.Owner;
import io.e2relay.keyservice.account.Put;
import io.e2relay.keyservice.epoch.Author;
import io.e2relay.keyservice.membership.Named;
import io.e2relay.protocol.id.DeviceId;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.record.AccountKey;
import io.e2relay.protocol.record.AccountRecord;
import io.e2relay.protocol.record.EpochRecord;
import io.e2relay.protocol.record.Grant;
import io.e2relay.protocol.record.GrantKind;
import io.e2relay.protocol.record.GrantStatement;
import io.e2relay.protocol.record.Point;
import io.e2relay.protocol.record.Signature;
import io.e2relay.protocol.record.Signer;
import java.util.ArrayList;
import java.util.List;

/// Somebody with a device and an account of their own, whether the service has heard of it or not.
public final class Person {
  private static final int WRAP_REST = EpochRecord.WRAP_BYTES - Point.BYTES;
  // Whether a wrap opens, no server can see: many may begin with the same point.
  private static final ByteString POINT = Owner.point(Owner.pair()).bytes();

  public final Owner owner;
  public final Owner.Keys device = Owner.Keys.make();
  private final List<AccountRecord> records = new ArrayList<>();

  public Person() {
    this(new Owner(Named.TENANT, new Uid(Owner.random(Uid.BYTES)), System.currentTimeMillis()));
  }

  public Person(Owner owner) {
    this.owner = owner;
    records.add(owner.genesis(device));
  }

  public Uid uid() {
    return owner.uid;
  }

  public DeviceId deviceId() {
    return device.id();
  }

  public AccountRecord account() {
    return records.getLast();
  }

  public List<AccountRecord> accounts() {
    return List.copyOf(records);
  }

  /// What registers the newest record.
  public Put put() {
    return owner.put(account());
  }

  /// From now on with another key.
  public Person turned() {
    records.add(owner.turn(account()));
    return this;
  }

  public Author author() {
    return new Author(owner.tenant, owner.uid, device.id());
  }

  public Holder holder() {
    return new Holder(owner.uid, device.id());
  }

  public Signer signer() {
    return new Signer(owner.uid, device.id(), account().statement().seq());
  }

  public AccountKey key() {
    return new AccountKey(account().statement().seq(), account().hash(), account().statement().aekGen());
  }

  public Signature sign(String name, ByteString bytes) {
    return Owner.sign(device.signing(), name, bytes);
  }

  /// This one's grant of an epoch's key to somebody else.
  public Grant grant(EpochRecord epoch, Person to, GrantKind kind) {
    GrantStatement statement = new GrantStatement(epoch.statement().conversation(), epoch.statement().epoch(),
        epoch.hash(), to.uid(), to.key(), kind, signer(), owner.now());
    return new Grant(statement, sign("grant", statement.tbs()));
  }

  /// It opens nothing, which no server can see.
  public static ByteString wrap() {
    return POINT.concat(Owner.random(WRAP_REST));
  }
}
