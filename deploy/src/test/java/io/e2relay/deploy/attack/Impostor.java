// SPDX-License-Identifier: Apache-2.0
package io.e2relay.deploy.attack;

import com.google.protobuf.ByteString;
import io.e2relay.client.crypto.Account;
import io.e2relay.client.crypto.AccountMaker;
import io.e2relay.client.crypto.AgreementKey;
import io.e2relay.client.crypto.ChainPlace;
import io.e2relay.client.crypto.DeviceKeys;
import io.e2relay.client.crypto.DeviceOffer;
import io.e2relay.client.crypto.MadeAccount;
import io.e2relay.client.crypto.MessageMaker;
import io.e2relay.client.crypto.ResetBy;
import io.e2relay.client.crypto.SigningKey;
import io.e2relay.client.crypto.SymmetricKey;
import io.e2relay.protocol.id.TenantId;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.record.AccountKey;
import io.e2relay.protocol.record.AccountKind;
import io.e2relay.protocol.record.AccountRecord;
import io.e2relay.protocol.record.AccountStatement;
import io.e2relay.protocol.record.Continuity;
import io.e2relay.protocol.record.Device;
import io.e2relay.protocol.record.Envelope;
import io.e2relay.protocol.record.EpochReason;
import io.e2relay.protocol.record.EpochRecord;
import io.e2relay.protocol.record.EpochStatement;
import io.e2relay.protocol.record.Grant;
import io.e2relay.protocol.record.GrantKind;
import io.e2relay.protocol.record.GrantStatement;
import io.e2relay.protocol.record.Hash;
import io.e2relay.protocol.record.RosterEntry;
import io.e2relay.protocol.record.RosterRole;
import io.e2relay.protocol.record.RosterState;
import io.e2relay.protocol.record.Signature;
import io.e2relay.protocol.record.Signer;
import io.e2relay.protocol.verify.AccountChain;
import io.e2relay.protocol.verify.KeyCommitment;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/// What a server can make under anybody's name without a secret of anybody: good records of keys of its own, and
/// records of others that lack only the signature which it cannot make.
final class Impostor {
  private static final Comparator<ByteString> UNSIGNED = ByteString.unsignedLexicographicalComparator();

  private final Account account;
  private final SigningKey root = SigningKey.generate();
  private final AgreementKey key = AgreementKey.generate();
  private final DeviceKeys device = DeviceKeys.generate();
  private final MadeAccount made;

  Impostor(TenantId tenant, Uid as) {
    this.account = new Account(tenant, as);
    this.made = new AccountMaker(account, root).first(key, List.of(offer(root)), System.currentTimeMillis());
  }

  Uid uid() {
    return account.uid();
  }

  DeviceKeys device() {
    return device;
  }

  /// An account from its first record on, as if that user had none.
  MadeAccount account() {
    return made;
  }

  /// The account begun anew by nobody: anybody could have done it, and it is the only change that needs no secret.
  AccountRecord reset(AccountChain chain) {
    return new AccountMaker(account, root)
        .reset(chain, key, List.of(offer(root)), new ResetBy.Nobody(), System.currentTimeMillis()).record();
  }

  /// A device of this impostor beside those of the user. Everything in it is right but the root's signature.
  AccountRecord slippedIn(AccountRecord last) {
    AccountStatement before = last.statement();
    long nowMs = System.currentTimeMillis();
    Device mine = entry(before.seq() + 1, nowMs);
    List<Device> devices = Stream.concat(before.devices().stream(), Stream.of(mine))
        .sorted(Comparator.comparing(each -> each.id().bytes(), UNSIGNED)).toList();
    List<Signature> pops = new ArrayList<>(last.pops());
    pops.add(devices.indexOf(mine), device.signing().sign("dev-pop", before.possession(mine)));
    AccountStatement statement = new AccountStatement(account.tenant(), account.uid(), before.seq() + 1, last.hash(),
        AccountKind.DEVICE_ADDED, before.ark(), before.aekGen(), before.aek(), devices, nowMs);
    return new AccountRecord(statement, root.sign("account", statement.tbs()), new Continuity.None(), pops);
  }

  /// How a roster names this impostor.
  RosterEntry entry(RosterRole role) {
    AccountRecord record = made.record();
    return new RosterEntry(uid(), role, RosterState.ACTIVE, new AccountKey(1, record.hash(), 1));
  }

  /// The next epoch, with one more in the roster and a key that this impostor knows, in the name of that device but
  /// signed by this impostor's.
  EpochRecord epoch(EpochRecord last, Signer rotator, RosterEntry more, ByteString epochKey) {
    EpochStatement before = last.statement();
    List<RosterEntry> roster = Stream.concat(before.roster().stream(), Stream.of(more))
        .sorted(Comparator.comparing(each -> each.uid().bytes(), UNSIGNED)).toList();
    EpochStatement statement = new EpochStatement(before.conversation(), before.epoch().next(), last.hash(),
        EpochReason.ADDED, rotator, KeyCommitment.of(epochKey, before.conversation(), before.epoch().next()),
        ByteString.EMPTY, roster, System.currentTimeMillis());
    return new EpochRecord(statement, device.signing().sign("epoch", statement.tbs()));
  }

  /// The epoch's key for a member, as if that member had granted it.
  Grant grant(EpochRecord epoch, Signer granter, RosterEntry grantee) {
    GrantStatement statement = new GrantStatement(epoch.statement().conversation(), epoch.statement().epoch(),
        epoch.hash(), grantee.uid(), grantee.account(), GrantKind.REWRAP, granter, System.currentTimeMillis());
    return new Grant(statement, device.signing().sign("grant", statement.tbs()));
  }

  /// A message in the name of that user, from a device that only this impostor has.
  Envelope message(EpochRecord epoch, Uid sender, ByteString content) {
    return new MessageMaker(sender, device, epoch, SymmetricKey.generate()).content(new ChainPlace(1, Hash.NONE),
        MessageMaker.newId(), 0, content);
  }

  /// Its device, as the account that it made says it.
  Signer signer() {
    return new Signer(uid(), device.device(), 1);
  }

  private DeviceOffer offer(SigningKey of) {
    return DeviceOffer.of(account, of.publicKey(), device);
  }

  private Device entry(long seq, long nowMs) {
    return new Device(device.device(), device.signing().publicKey(), device.agreement().publicKey(), seq, nowMs);
  }
}
