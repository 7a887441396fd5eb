// SPDX-License-Identifier: Apache-2.0
import type { Reading } from "../fault.ts";
import type { Bytes, ConversationId, DeviceId, Uid } from "../../ids.ts";
import { isZeros, RecordReader } from "./reader.ts";
import { checked, RecordWriter } from "./writer.ts";

export const ROSTER_MAX = 1000;
export const HIST_LINK_LENGTH = 112;

const REASONS = [
  "created",
  "added",
  "activated",
  "removed",
  "left",
  "device-revoked",
  "reset",
  "periodic",
  "by-user",
  "role-changed",
  "restarted",
] as const;
const ROLES = ["member", "admin"] as const;
const STATES = ["active", "pending"] as const;

export type EpochReason = (typeof REASONS)[number];
export type RosterRole = (typeof ROLES)[number];

/** The record of an account that an entry was made for. */
export interface RosterAccount {
  readonly seq: number;
  readonly hash: Bytes;
  readonly aekGen: number;
}

export interface RosterEntry {
  readonly uid: Uid;
  readonly role: RosterRole;
  readonly state: (typeof STATES)[number];
  /** Only somebody pending has none: such a user has no account yet. */
  readonly account: RosterAccount | undefined;
}

/** The members of an epoch, and the commitment to its key. */
export interface EpochStatement {
  readonly conversation: ConversationId;
  readonly epoch: number;
  readonly prevHash: Bytes;
  readonly reason: EpochReason;
  readonly rotatorUid: Uid;
  readonly rotatorDevice: DeviceId;
  readonly accountSeq: number;
  readonly keyCommitment: Bytes;
  /** The key before, sealed under this epoch's; empty if there is none. */
  readonly histLink: Bytes;
  /** Ascending by uid. */
  readonly roster: readonly RosterEntry[];
  readonly createdMs: number;
}

export interface EpochRecord {
  readonly statement: EpochStatement;
  readonly signature: Bytes;
}

export function decodeEpochRecord(bytes: Uint8Array): Reading<EpochRecord> {
  const reader = new RecordReader(bytes);
  return reader.end({ statement: readStatement(reader), signature: reader.signature() });
}

/** The exact bytes that are signed and named. */
export function encodeEpochStatement(statement: EpochStatement): Bytes {
  return checked(written(statement), (bytes) => {
    const reader = new RecordReader(bytes);
    return reader.end(readStatement(reader));
  });
}

export function encodeEpochRecord(record: EpochRecord): Bytes {
  return checked(written(record.statement).signature(record.signature), decodeEpochRecord);
}

function readStatement(reader: RecordReader): EpochStatement {
  reader.version();
  reader.suite();
  const statement: EpochStatement = {
    conversation: reader.id(32),
    epoch: reader.u32(1),
    prevHash: reader.hash(),
    reason: reader.named(REASONS, 1),
    rotatorUid: reader.id(16),
    rotatorDevice: reader.id(16),
    accountSeq: reader.u64(1),
    keyCommitment: reader.hash(),
    histLink: readHistLink(reader),
    roster: readRoster(reader),
    createdMs: reader.u64(),
  };
  const { epoch, reason, histLink } = statement;
  reader.refuseIf((epoch === 1) !== (reason === "created"), "CONTRADICTION");
  reader.refuseIf(histLink.length > 0 && (epoch === 1 || reason === "restarted"), "CONTRADICTION");
  return statement;
}

function readHistLink(reader: RecordReader): Bytes {
  const length = reader.u16();
  reader.refuseIf(length !== 0 && length !== HIST_LINK_LENGTH, "WRONG_LENGTH");
  return reader.fixed(length);
}

function readRoster(reader: RecordReader): readonly RosterEntry[] {
  const roster: RosterEntry[] = [];
  const count = reader.count(true, 1, ROSTER_MAX);
  let last = "";
  for (let i = 0; i < count && !reader.failed; i++) {
    const entry: RosterEntry = {
      uid: reader.id(16),
      role: reader.named(ROLES, 0),
      state: reader.named(STATES, 0),
      account: readAccount(reader),
    };
    reader.refuseIf(entry.state === "active" && entry.account === undefined, "CONTRADICTION");
    reader.refuseIf(entry.uid <= last, "UNSORTED");
    last = entry.uid;
    roster.push(entry);
  }
  return roster;
}

function readAccount(reader: RecordReader): RosterAccount | undefined {
  const account = { seq: reader.u64(), hash: reader.hash(), aekGen: reader.u32() };
  const zeros = Number(account.seq === 0) + Number(isZeros(account.hash)) + Number(account.aekGen === 0);
  reader.refuseIf(zeros === 1 || zeros === 2, "CONTRADICTION");
  return zeros === 3 ? undefined : account;
}

function written(statement: EpochStatement): RecordWriter {
  const writer = new RecordWriter()
    .u8(1)
    .u16(1)
    .id(statement.conversation, 32)
    .u32(statement.epoch)
    .hash(statement.prevHash)
    .named(REASONS, 1, statement.reason)
    .id(statement.rotatorUid, 16)
    .id(statement.rotatorDevice, 16)
    .u64(statement.accountSeq)
    .hash(statement.keyCommitment)
    .u16(statement.histLink.length, "WRONG_LENGTH")
    .raw(statement.histLink)
    .u16(statement.roster.length);
  for (const { uid, role, state, account } of statement.roster) {
    writer
      .id(uid, 16)
      .named(ROLES, 0, role)
      .named(STATES, 0, state)
      .u64(account?.seq ?? 0)
      .hash(account?.hash ?? new Uint8Array(32))
      .u32(account?.aekGen ?? 0);
  }
  return writer.u64(statement.createdMs);
}
