// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.epoch;

import com.google.protobuf.ByteString;
import io.e2relay.keyservice.account.Accounts;
import io.e2relay.keyservice.account.Owner;
import io.e2relay.keyservice.account.Stored;
import io.e2relay.protocol.id.TenantId;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.record.AccountKey;
import io.e2relay.protocol.record.AccountRecord;
import io.e2relay.protocol.record.Signature;
import io.e2relay.protocol.record.Signer;

/// Somebody with an account and one device, who signs records with it.
public final class Holder {
  public final Owner owner;
  private final Owner.Keys device = Owner.Keys.make();
  private AccountRecord account;

  public Holder(TenantId tenant, Uid uid, long nowMs) {
    owner = new Owner(tenant, uid, nowMs);
    account = owner.genesis(device);
  }

  /// With an account that the keeper knows.
  public static Holder in(Accounts accounts, TenantId tenant, long nowMs) {
    Holder holder = new Holder(tenant, new Uid(Owner.random(Uid.BYTES)), nowMs);
    holder.register(accounts);
    return holder;
  }

  public void register(Accounts accounts) {
    Stored stored = accounts.put(owner.put(account), owner.nowMs);
    if (!(stored instanceof Stored.Now)) {
      throw new AssertionError("not stored: " + stored);
    }
  }

  /// The next record, with a new key for all devices; not registered yet.
  public Holder turn() {
    account = owner.turn(account);
    return this;
  }

  /// The account is another's from here on, but for who stands for it: its own device.
  public Holder reset() {
    account = owner.reset(account, device, true);
    return this;
  }

  public Uid uid() {
    return owner.uid;
  }

  public AccountRecord account() {
    return account;
  }

  public AccountKey key() {
    return new AccountKey(account.statement().seq(), account.hash(), account.statement().aekGen());
  }

  public Signer signer() {
    return new Signer(owner.uid, device.id(), account.statement().seq());
  }

  public Author author() {
    return new Author(owner.tenant, owner.uid, device.id());
  }

  public Signature sign(String name, ByteString bytes) {
    return Owner.sign(device.signing(), name, bytes);
  }
}
