// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.fuzz;

import io.e2relay.keyservice.account.Owner;
import io.e2relay.keyservice.account.Put;
import io.e2relay.keyservice.backup.BackupDesk;
import io.e2relay.keyservice.epoch.Draft;
import io.e2relay.keyservice.membership.Named;
import io.e2relay.keyservice.schedule.Citizen;
import io.e2relay.keyservice.self.SelfBlobsContract;
import io.e2relay.protocol.id.ConversationId;
import io.e2relay.protocol.record.AccountKind;
import io.e2relay.protocol.record.AccountRecord;
import io.e2relay.protocol.record.BackupBlob;
import io.e2relay.protocol.record.ConversationType;
import io.e2relay.protocol.record.EpochReason;
import io.e2relay.protocol.record.EpochRecord;
import io.e2relay.protocol.record.Genesis;
import io.e2relay.protocol.record.GenesisStatement;
import io.e2relay.protocol.record.Grant;
import io.e2relay.protocol.record.GrantKind;
import io.e2relay.protocol.record.KdfParameters;
import io.e2relay.protocol.record.RosterEntry;
import io.e2relay.protocol.record.RosterRole;
import io.e2relay.protocol.record.SelfKind;
import io.e2relay.protocol.wire.BadWrap;
import io.e2relay.protocol.wire.ClientFrame;
import io.e2relay.protocol.wire.CreateConversation;
import io.e2relay.protocol.wire.PutAccount;
import io.e2relay.protocol.wire.PutBackup;
import io.e2relay.protocol.wire.PutEpoch;
import io.e2relay.protocol.wire.PutGrant;
import io.e2relay.protocol.wire.PutSelf;
import io.e2relay.protocol.wire.TrustLevel;
import io.e2relay.protocol.wire.UpgradeConversation;
import java.util.List;

/// Requests that are taken as they are, and who makes them.
record Honest(Citizen by, ClientFrame frame) {
  static List<Honest> all(Town town) {
    AccountRecord revoked = town.anne.next(town.turned, AccountKind.DEVICE_REVOKED, 0);
    AccountRecord reset = town.bob.next(town.bob.first, AccountKind.IDENTITY_RESET, 0);
    RosterEntry cara = Papers.active(RosterRole.MEMBER, town.cara.first);
    RosterEntry dora = Papers.active(RosterRole.MEMBER, town.dora.first);
    return List.of(account(town.anne, revoked), account(town.bob, reset), account(town.emil, town.emil.first),
        account(town.dora, town.dora.next(town.dora.first, AccountKind.AEK_ROTATED, 0)), backup(town.anne, 2),
        self(town.anne, 256), self(town.bob, 512),
        create(town, ConversationType.GROUP, town.leading, town.member, Papers.pending(town.emil.uid)),
        create(town, ConversationType.DIRECT, town.leading, Papers.active(RosterRole.ADMIN, town.bob.first)),
        upgrade(town),
        epoch(town.anne,
            Papers.next(town.second, town.anne, town.turned, EpochReason.ADDED, town.leading, town.member,
                Papers.pending(town.cara.uid), dora)),
        epoch(town.bob,
            Papers.next(town.second, town.bob, town.bob.first, EpochReason.ACTIVATED, town.leading, town.member, cara)),
        grant(town.anne, Papers.grant(town.anne, town.turned, town.first, town.member, GrantKind.REWRAP)),
        grant(town.bob, Papers.grant(town.bob, town.bob.first, town.second, town.leading, GrantKind.HISTORY)),
        badWrap(town.bob, town.sealed.id(), 1), badWrap(town.anne, town.sealed.id(), 2));
  }

  /// With a backup that the honest one follows.
  static BackupDesk backups(Citizen by) {
    PutBackup there = backup(by, 1).frame().getPutBackup();
    return new BackupDesk(Named.TENANT, by.uid, there, blob(1));
  }

  private static Honest account(Citizen by, AccountRecord record) {
    Put put = by.put(record);
    return new Honest(by, ClientFrame.newBuilder().setId(7)
        .setPutAccount(PutAccount.newBuilder().setRecord(record.bytes()).addAllDeviceWraps(put.wraps())).build());
  }

  private static Honest backup(Citizen by, long bundleSeq) {
    return new Honest(by,
        ClientFrame.newBuilder().setId(7).setPutBackup(PutBackup.newBuilder().setBlob(blob(bundleSeq).bytes())
            .setAuth(Owner.random(32)).setRecoveryAuth(Owner.random(32)).setFollows(bundleSeq - 1)).build());
  }

  private static BackupBlob blob(long bundleSeq) {
    return new BackupBlob(new KdfParameters(700_000, Owner.random(32)), Owner.random(16), bundleSeq, Owner.random(112),
        Owner.random(112), Owner.random(BackupBlob.BUNDLE_BYTES + BackupBlob.GENERATION_BYTES));
  }

  private static Honest self(Citizen by, int content) {
    return new Honest(by,
        ClientFrame.newBuilder().setId(7).setPutSelf(
            PutSelf.newBuilder().setBlob(SelfBlobsContract.blob(SelfKind.HEADS, Paths.COUNTER + 1, content).bytes()))
            .build());
  }

  private static Honest create(Town town, ConversationType type, RosterEntry... roster) {
    Genesis genesis = Papers.genesis(town.anne, town.turned, type, GenesisStatement.NO_PREDECESSOR);
    EpochRecord first = Papers.first(genesis, town.anne, town.turned, roster);
    return new Honest(town.anne,
        ClientFrame.newBuilder().setId(7)
            .setCreateConversation(
                CreateConversation.newBuilder().setRequestId(Owner.random(16)).setLevel(TrustLevel.TRUST_LEVEL_E2EE)
                    .setGenesis(genesis.bytes()).setRecord(first.bytes()).addAllWraps(Papers.wraps(first)))
            .build());
  }

  private static Honest upgrade(Town town) {
    Genesis genesis = Papers.genesis(town.anne, town.turned, ConversationType.GROUP, town.open.id());
    EpochRecord first = Papers.first(genesis, town.anne, town.turned, town.leading, town.member);
    return new Honest(town.anne,
        ClientFrame.newBuilder().setId(7)
            .setUpgradeConversation(UpgradeConversation.newBuilder().setConversationId(town.open.id().bytes())
                .setGenesis(genesis.bytes()).setRecord(first.bytes()).addAllWraps(Papers.wraps(first)))
            .build());
  }

  private static Honest epoch(Citizen by, EpochRecord record) {
    return new Honest(by,
        ClientFrame.newBuilder().setId(7)
            .setPutEpoch(PutEpoch.newBuilder().setConversationId(record.statement().conversation().bytes())
                .setRecord(record.bytes()).addAllWraps(Papers.wraps(record)))
            .build());
  }

  private static Honest grant(Citizen by, Grant grant) {
    return new Honest(by, ClientFrame.newBuilder().setId(7)
        .setPutGrant(PutGrant.newBuilder().setGrant(grant.bytes()).setWrap(Draft.wrap())).build());
  }

  private static Honest badWrap(Citizen by, ConversationId id, long epoch) {
    return new Honest(by, ClientFrame.newBuilder().setId(7)
        .setBadWrap(BadWrap.newBuilder().setConversationId(id.bytes()).setEpoch(epoch)).build());
  }
}
