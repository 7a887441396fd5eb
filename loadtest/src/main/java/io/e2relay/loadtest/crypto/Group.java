// SPDX-License-Identifier: Apache-2.0
package io.e2relay.loadtest.crypto;

import com.google.protobuf.ByteString;
import io.e2relay.client.crypto.Account;
import io.e2relay.client.crypto.AccountMaker;
import io.e2relay.client.crypto.AgreementKey;
import io.e2relay.client.crypto.ConversationMaker;
import io.e2relay.client.crypto.DeviceKeys;
import io.e2relay.client.crypto.DeviceOffer;
import io.e2relay.client.crypto.MadeEpoch;
import io.e2relay.client.crypto.RosterMember;
import io.e2relay.client.crypto.SigningKey;
import io.e2relay.protocol.id.TenantId;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.record.AccountRecord;
import io.e2relay.protocol.record.AddPolicy;
import io.e2relay.protocol.record.ConversationType;
import io.e2relay.protocol.record.EpochReason;
import io.e2relay.protocol.record.GenesisStatement;
import io.e2relay.protocol.record.HistoryPolicy;
import io.e2relay.protocol.record.Policy;
import io.e2relay.protocol.record.RewrapPolicy;
import io.e2relay.protocol.record.RosterRole;
import io.e2relay.protocol.record.RosterState;
import io.e2relay.protocol.verify.Accounts;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// An encrypted conversation of so many people, whose first member makes its epochs.
final class Group implements Accounts {
  private static final TenantId TENANT = new TenantId(ByteString.copyFrom(new byte[TenantId.BYTES]));
  private static final long NOW_MS = 1_795_212_000_000L;

  private final Map<Uid, AccountRecord> records = new HashMap<>();
  private final List<RosterMember> roster = new ArrayList<>();
  private final ConversationMaker maker;
  private final MadeEpoch first;

  Group(int members) {
    DeviceKeys keys = DeviceKeys.generate();
    Account own = join(0, keys);
    for (int i = 1; i < members; i++) {
      join(i, DeviceKeys.generate());
    }
    this.maker = new ConversationMaker(keys, newest(own.uid()).orElseThrow(), this);
    Policy policy = new Policy(HistoryPolicy.FULL, AddPolicy.ADMINS, RewrapPolicy.HISTORY);
    this.first = maker.begin(
        new ConversationMaker.Settings(ConversationType.GROUP, policy, 0, GenesisStatement.NO_PREDECESSOR), roster,
        NOW_MS);
  }

  /// The next epoch for all of them.
  MadeEpoch next() {
    return maker.next(first.chain(), first.key(), EpochReason.PERIODIC, roster, NOW_MS);
  }

  @Override
  public Optional<AccountRecord> record(Uid uid, long seq) {
    return newest(uid).filter(record -> record.statement().seq() == seq);
  }

  @Override
  public Optional<AccountRecord> newest(Uid uid) {
    return Optional.ofNullable(records.get(uid));
  }

  private Account join(int number, DeviceKeys keys) {
    byte[] uid = ByteBuffer.allocate(Uid.BYTES).putInt(number).array();
    Account account = new Account(TENANT, new Uid(ByteString.copyFrom(uid)));
    SigningKey ark = SigningKey.generate();
    records.put(account.uid(), new AccountMaker(account, ark)
        .first(AgreementKey.generate(), List.of(DeviceOffer.of(account, ark.publicKey(), keys)), NOW_MS).record());
    roster.add(new RosterMember(account.uid(), number == 0 ? RosterRole.ADMIN : RosterRole.MEMBER, RosterState.ACTIVE));
    return account;
  }
}
