// SPDX-License-Identifier: Apache-2.0
// Records for the tests of the codecs: as small, as usual and as large as they can be. Their keys are no points.
import type { Bytes, ConversationId, DeviceId, MsgId, TenantId, Uid } from "../src/ids.ts";
import type { Reading } from "../src/e2r/fault.ts";
import { type AccountRecord, decodeAccountRecord, encodeAccountRecord } from "../src/e2r/records/account.ts";
import { type BackupBlob, decodeBackupBlob, encodeBackupBlob } from "../src/e2r/records/backup.ts";
import { decodeEnvelope, encodeEnvelope, type Envelope } from "../src/e2r/records/envelope.ts";
import { decodeEpochRecord, encodeEpochRecord, type EpochRecord } from "../src/e2r/records/epoch.ts";
import { decodeGenesis, encodeGenesis, type Genesis } from "../src/e2r/records/genesis.ts";
import { decodeGrant, encodeGrant, type Grant } from "../src/e2r/records/grant.ts";
import { decodeSelfBlob, encodeSelfBlob, type SelfBlob } from "../src/e2r/records/self.ts";

export const U32_MAX = 2 ** 32 - 1;
export const U64_MAX = 2 ** 53 - 1;

/** Numbers that look random and are the same each time (mulberry32). */
export function seeded(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

export function filled(length: number, byte: number): Bytes {
  return new Uint8Array(length).fill(byte);
}

export function hex(byte: number, length: number): string {
  return byte.toString(16).padStart(2, "0").repeat(length);
}

export function pointLike(byte: number): Bytes {
  const point = filled(65, byte);
  point[0] = 4;
  return point;
}

export const tenant = hex(0x7e, 16) as TenantId;
export const uid = (byte: number) => hex(byte, 16) as Uid;
export const device = (byte: number) => hex(byte, 16) as DeviceId;
export const message = (byte: number) => hex(byte, 16) as MsgId;
export const conversation = hex(0xc0, 32) as ConversationId;
const numbered = (index: number) => index.toString(16).padStart(32, "0");

export interface Codec<T> {
  readonly name: string;
  readonly decode: (bytes: Uint8Array) => Reading<T>;
  readonly encode: (value: T) => Bytes;
  readonly samples: readonly T[];
}

/** The codec and its samples for somebody who goes through all of them. */
export type AnyCodec = Codec<unknown>;

function account(devices: number, over: Partial<AccountRecord["statement"]> = {}): AccountRecord {
  const seq = over.seq ?? 9;
  return {
    statement: {
      tenant,
      uid: uid(0xaa),
      seq,
      prevHash: filled(32, 3),
      kind: "rotated",
      arkPub: pointLike(1),
      aekGen: 2,
      aekPub: pointLike(2),
      devices: Array.from({ length: devices }, (_, i) => ({
        deviceId: numbered(i + 1) as DeviceId,
        dskPub: pointLike(0x10 + i),
        dekPub: pointLike(0x30 + i),
        addedSeq: Math.min(seq, i + 1),
        addedMs: 1_700_000_000_000 + i,
      })),
      createdMs: 1_800_000_000_000,
      ...over,
    },
    byRoot: filled(64, 0x51),
    continuity: { by: "nobody" },
    possessions: Array.from({ length: devices }, (_, i) => filled(64, 0x60 + i)),
  };
}

export const accounts: Codec<AccountRecord> = {
  name: "AccountRecord",
  decode: decodeAccountRecord,
  encode: encodeAccountRecord,
  samples: [
    account(0, { seq: 2, createdMs: 0 }),
    account(1, { seq: 1, kind: "genesis", prevHash: filled(32, 0), aekGen: 1 }),
    account(2, { kind: "device-added" }),
    { ...account(2, { kind: "reset" }), continuity: { by: "root", signature: filled(64, 0x71) } },
    {
      ...account(2, { kind: "reset" }),
      continuity: { by: "device", deviceId: device(0xd1), signature: filled(64, 0x72) },
    },
    account(16, { seq: U64_MAX, aekGen: U32_MAX, createdMs: U64_MAX }),
  ],
};

function genesis(over: Partial<Genesis["statement"]> = {}): Genesis {
  return {
    statement: {
      tenant,
      type: "group",
      creatorUid: uid(0xaa),
      creatorDevice: device(0xd1),
      accountSeq: 3,
      accountHash: filled(32, 0x21),
      nonce: filled(32, 0x22),
      predecessor: filled(32, 0x23),
      history: "full",
      addPolicy: "admins",
      rewrap: "history",
      initialTtlS: 86_400,
      createdMs: 1_800_000_000_000,
      ...over,
    },
    signature: filled(64, 0x52),
  };
}

export const geneses: Codec<Genesis> = {
  name: "Genesis",
  decode: decodeGenesis,
  encode: encodeGenesis,
  samples: [
    genesis({
      type: "direct",
      accountSeq: 1,
      predecessor: filled(32, 0),
      history: "from-join",
      addPolicy: "any-member",
      rewrap: "ask",
      initialTtlS: 0,
      createdMs: 0,
    }),
    genesis(),
    genesis({
      accountSeq: U64_MAX,
      addPolicy: "host",
      rewrap: "current",
      initialTtlS: U32_MAX,
      createdMs: U64_MAX,
    }),
  ],
};

function epoch(members: number, over: Partial<EpochRecord["statement"]> = {}): EpochRecord {
  return {
    statement: {
      conversation,
      epoch: 7,
      prevHash: filled(32, 0x31),
      reason: "added",
      rotatorUid: uid(0xaa),
      rotatorDevice: device(0xd1),
      accountSeq: 3,
      keyCommitment: filled(32, 0x32),
      histLink: filled(112, 0x33),
      roster: Array.from({ length: members }, (_, i) => ({
        uid: numbered(i + 1) as Uid,
        role: i === 0 ? ("admin" as const) : ("member" as const),
        state: i % 3 === 1 ? ("pending" as const) : ("active" as const),
        account: i === 1 ? undefined : { seq: i + 1, hash: filled(32, 0x41), aekGen: 1 },
      })),
      createdMs: 1_800_000_000_000,
      ...over,
    },
    signature: filled(64, 0x53),
  };
}

export const epochs: Codec<EpochRecord> = {
  name: "EpochRecord",
  decode: decodeEpochRecord,
  encode: encodeEpochRecord,
  samples: [
    epoch(1, { epoch: 1, reason: "created", histLink: filled(0, 0), createdMs: 0 }),
    epoch(3),
    epoch(2, { reason: "restarted", histLink: filled(0, 0) }),
    epoch(1000, { epoch: U32_MAX, accountSeq: U64_MAX, createdMs: U64_MAX }),
  ],
};

function grant(over: Partial<Grant["statement"]> = {}): Grant {
  return {
    statement: {
      conversation,
      epoch: 7,
      epochHash: filled(32, 0xe0),
      granteeUid: uid(0xbb),
      accountSeq: 2,
      accountHash: filled(32, 0x42),
      aekGen: 2,
      kind: "shared",
      granterUid: uid(0xaa),
      granterDevice: device(0xd1),
      granterSeq: 3,
      createdMs: 1_800_000_000_000,
      ...over,
    },
    signature: filled(64, 0x54),
  };
}

export const grants: Codec<Grant> = {
  name: "Grant",
  decode: decodeGrant,
  encode: encodeGrant,
  samples: [
    grant({ epoch: 1, accountSeq: 1, aekGen: 1, kind: "rewrapped", granterSeq: 1, createdMs: 0 }),
    grant(),
    grant({ epoch: U32_MAX, accountSeq: U64_MAX, aekGen: U32_MAX, granterSeq: U64_MAX, createdMs: U64_MAX }),
  ],
};

function envelope(body: Bytes, over: Partial<Envelope["header"]> = {}): Envelope {
  return {
    header: {
      type: "content",
      conversation,
      epoch: 7,
      uid: uid(0xaa),
      deviceId: device(0xd1),
      msgId: message(1),
      seq: 42,
      prev: filled(32, 0x11),
      ttlS: 3600,
      ...over,
    },
    body,
    signature: filled(64, 0x55),
  };
}

const UNCOUNTED = { seq: 0, prev: filled(32, 0) };

export const envelopes: Codec<Envelope> = {
  name: "Envelope",
  decode: decodeEnvelope,
  encode: encodeEnvelope,
  samples: [
    envelope(filled(8, 0), { type: "receipt", epoch: 1, ttlS: 0, ...UNCOUNTED }),
    envelope(filled(80 + 256, 0x81), { seq: 1, prev: filled(32, 0), ttlS: 0 }),
    envelope(filled(80 + 256, 0x82)),
    envelope(filled(16, 0x83), { type: "tombstone", ttlS: 0 }),
    envelope(filled(80 + 288, 0x84), { type: "ephemeral", ...UNCOUNTED }),
    envelope(filled(80 + 65_536, 0x85), { epoch: U32_MAX, seq: U64_MAX, ttlS: U32_MAX }),
  ],
};

function self(padded: number, over: Partial<SelfBlob["statement"]> = {}): SelfBlob {
  return {
    statement: {
      kind: "labels",
      counter: 5,
      wrap: filled(113, 0x91),
      sealed: filled(80 + padded, 0x92),
      ...over,
    },
    signature: filled(64, 0x56),
  };
}

export const selves: Codec<SelfBlob> = {
  name: "SelfBlob",
  decode: decodeSelfBlob,
  encode: encodeSelfBlob,
  samples: [self(256, { kind: "heads", counter: 1 }), self(320), self(262_144, { counter: U64_MAX })],
};

function backup(generations: number, over: Partial<BackupBlob> = {}): BackupBlob {
  return {
    iterations: 600_000,
    salt: filled(32, 0xa1),
    backupId: filled(16, 0xa2),
    bundleSeq: 4,
    byPassword: filled(112, 0xa3),
    byRecoveryCode: filled(112, 0xa4),
    bundle: filled(239 + 100 * generations, 0xa5),
    ...over,
  };
}

export const backups: Codec<BackupBlob> = {
  name: "BackupBlob",
  decode: decodeBackupBlob,
  encode: encodeBackupBlob,
  samples: [
    backup(1, { bundleSeq: 1 }),
    backup(3, { iterations: 1_000_000 }),
    backup(1000, { iterations: 10_000_000, bundleSeq: U64_MAX }),
  ],
};

export const codecs = [accounts, geneses, epochs, grants, envelopes, selves, backups] as readonly AnyCodec[];
