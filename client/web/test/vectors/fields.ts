// SPDX-License-Identifier: Apache-2.0
// What was read, by the names and in the order of the layouts in docs/PROTOCOL.md.
import type { AccountRecord, AccountStatement } from "../../src/e2r/records/account.ts";
import type { BackupBlob } from "../../src/e2r/records/backup.ts";
import type { Envelope } from "../../src/e2r/records/envelope.ts";
import type { EpochRecord, EpochStatement } from "../../src/e2r/records/epoch.ts";
import type { Genesis } from "../../src/e2r/records/genesis.ts";
import type { Grant } from "../../src/e2r/records/grant.ts";
import { type SelfBlob, selfKindNumber } from "../../src/e2r/records/self.ts";
import { hex } from "./reading.ts";

export type Fields = Readonly<Record<string, unknown>>;

const ZEROS = "00".repeat(32);

const ACCOUNT_KINDS: Readonly<Record<AccountStatement["kind"], number>> = {
  genesis: 1,
  "device-added": 2,
  "device-revoked": 3,
  rotated: 4,
  reset: 5,
  "reset-vetoed": 6,
};

const EPOCH_REASONS: Readonly<Record<EpochStatement["reason"], number>> = {
  created: 1,
  added: 2,
  activated: 3,
  removed: 4,
  left: 5,
  "device-revoked": 6,
  reset: 7,
  periodic: 8,
  "by-user": 9,
  "role-changed": 10,
  restarted: 11,
};

export function accountFields({ statement, byRoot, continuity, possessions }: AccountRecord): Fields {
  return {
    ver: 1,
    suite: 1,
    tenant: statement.tenant,
    uid: statement.uid,
    seq: statement.seq,
    prev_hash: hex(statement.prevHash),
    kind: ACCOUNT_KINDS[statement.kind],
    ark_pub: hex(statement.arkPub),
    aek_gen: statement.aekGen,
    aek_pub: hex(statement.aekPub),
    n: statement.devices.length,
    devices: statement.devices.map((device) => ({
      device_id: device.deviceId,
      dsk_pub: hex(device.dskPub),
      dek_pub: hex(device.dekPub),
      added_seq: device.addedSeq,
      added_ms: device.addedMs,
    })),
    created_ms: statement.createdMs,
    sig_ark: hex(byRoot),
    cont_type: { nobody: 0, root: 1, device: 2 }[continuity.by],
    ...(continuity.by === "device" ? { cont_device: continuity.deviceId } : {}),
    ...(continuity.by !== "nobody" ? { cont_sig: hex(continuity.signature) } : {}),
    pops: possessions.map(hex),
  };
}

export function genesisFields({ statement, signature }: Genesis): Fields {
  return {
    ver: 1,
    suite: 1,
    tenant: statement.tenant,
    type: { direct: 1, group: 2 }[statement.type],
    creator_uid: statement.creatorUid,
    creator_device: statement.creatorDevice,
    account_seq: statement.accountSeq,
    account_hash: hex(statement.accountHash),
    nonce: hex(statement.nonce),
    predecessor: hex(statement.predecessor),
    history: { "from-join": 0, full: 1 }[statement.history],
    add_policy: { "any-member": 0, admins: 1, host: 2 }[statement.addPolicy],
    rewrap: { ask: 0, current: 1, history: 2 }[statement.rewrap],
    initial_ttl_s: statement.initialTtlS,
    created_ms: statement.createdMs,
    sig: hex(signature),
  };
}

export function epochFields({ statement, signature }: EpochRecord): Fields {
  return {
    ver: 1,
    suite: 1,
    conv_id: statement.conversation,
    epoch: statement.epoch,
    prev_hash: hex(statement.prevHash),
    reason: EPOCH_REASONS[statement.reason],
    rotator_uid: statement.rotatorUid,
    rotator_device: statement.rotatorDevice,
    account_seq: statement.accountSeq,
    kc: hex(statement.keyCommitment),
    hist_length: statement.histLink.length,
    hist_link: hex(statement.histLink),
    n: statement.roster.length,
    roster: statement.roster.map(({ uid, role, state, account }) => ({
      uid,
      role: { member: 0, admin: 1 }[role],
      state: { active: 0, pending: 1 }[state],
      account_seq: account?.seq ?? 0,
      account_hash: account === undefined ? ZEROS : hex(account.hash),
      aek_gen: account?.aekGen ?? 0,
    })),
    created_ms: statement.createdMs,
    sig: hex(signature),
  };
}

export function grantFields({ statement, signature }: Grant): Fields {
  return {
    ver: 1,
    conv_id: statement.conversation,
    epoch: statement.epoch,
    epoch_hash: hex(statement.epochHash),
    grantee_uid: statement.granteeUid,
    account_seq: statement.accountSeq,
    account_hash: hex(statement.accountHash),
    aek_gen: statement.aekGen,
    kind: { rewrapped: 1, shared: 2 }[statement.kind],
    granter_uid: statement.granterUid,
    granter_device: statement.granterDevice,
    granter_seq: statement.granterSeq,
    created_ms: statement.createdMs,
    sig: hex(signature),
  };
}

export function envelopeFields({ header, body, signature }: Envelope): Fields {
  return {
    ver: 1,
    type: { content: 1, tombstone: 2, ephemeral: 3, receipt: 4 }[header.type],
    conv_id: header.conversation,
    epoch: header.epoch,
    uid: header.uid,
    device_id: header.deviceId,
    msg_id: header.msgId,
    seq: header.seq,
    prev: hex(header.prev),
    ttl_s: header.ttlS,
    body: hex(body),
    sig: hex(signature),
  };
}

export function selfFields({ statement, signature }: SelfBlob): Fields {
  return {
    ver: 1,
    kind: selfKindNumber(statement.kind),
    counter: statement.counter,
    wrap: hex(statement.wrap),
    sealed: hex(statement.sealed),
    sig: hex(signature),
  };
}

export function backupFields(blob: BackupBlob): Fields {
  return {
    ver: 1,
    kdf_id: 1,
    iterations: blob.iterations,
    salt: hex(blob.salt),
    backup_id: hex(blob.backupId),
    bundle_seq: blob.bundleSeq,
    bk_pw: hex(blob.byPassword),
    bk_rc: hex(blob.byRecoveryCode),
    bundle: hex(blob.bundle),
  };
}
