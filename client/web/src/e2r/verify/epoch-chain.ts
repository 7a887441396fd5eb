// SPDX-License-Identifier: Apache-2.0
import type { Bytes, ConversationId, DeviceId, Uid } from "../../ids.ts";
import { sameBytes } from "../bytes.ts";
import { type Fault, type Reading, read, unreadable } from "../fault.ts";
import {
  encodeEpochStatement,
  type EpochRecord,
  type EpochStatement,
  type RosterEntry,
} from "../records/epoch.ts";
import { encodeGenesisStatement, type Genesis, type GenesisStatement } from "../records/genesis.ts";
import { type Accounts, linkAt, newest } from "./account-chain.ts";
import { conversationIdOf, epochHash, genesisHash } from "./hashes.ts";
import { isSignedBy } from "./signatures.ts";

/** A record that was verified, and its name. */
export interface EpochLink {
  readonly record: EpochRecord;
  readonly hash: Bytes;
}

/** The epochs of one conversation, verified from its genesis on. */
export interface EpochChain {
  readonly conversation: ConversationId;
  readonly genesis: GenesisStatement;
  readonly genesisHash: Bytes;
  readonly links: readonly EpochLink[];
}

/** Who signed, by which record of the account the device was there. */
export interface Signer {
  readonly uid: Uid;
  readonly deviceId: DeviceId;
  readonly accountSeq: number;
}

export function newestEpoch(chain: EpochChain): EpochLink | undefined {
  return chain.links.at(-1);
}

/** The record of that epoch, if the chain has it. */
export function epochAt(chain: EpochChain, epoch: number): EpochLink | undefined {
  return chain.links[epoch - 1];
}

export function entryOf(statement: EpochStatement, uid: Uid): RosterEntry | undefined {
  return statement.roster.find((entry) => entry.uid === uid);
}

/** A conversation of which only the id was known: the chain that its epochs extend. */
export async function startEpochChain(
  conversation: ConversationId,
  { statement, signature }: Genesis,
  accounts: Accounts,
): Promise<Reading<EpochChain>> {
  const creator = linkAt(accounts.get(statement.creatorUid), statement.accountSeq);
  const foreign = creator !== undefined && creator.record.statement.tenant !== statement.tenant;
  if ((await conversationIdOf(statement)) !== conversation || foreign) {
    return unreadable("WRONG_CONTEXT");
  }
  const key = creator?.record.statement.devices.find(
    ({ deviceId }) => deviceId === statement.creatorDevice,
  )?.dskPub;
  if (creator === undefined || key === undefined || !sameBytes(creator.hash, statement.accountHash)) {
    return unreadable("NOT_A_SIGNER");
  }
  if (!(await isSignedBy(key, "genesis", encodeGenesisStatement(statement), signature))) {
    return unreadable("BAD_SIGNATURE");
  }
  return read({ conversation, genesis: statement, genesisHash: await genesisHash(statement), links: [] });
}

/** Verifies one more record, without any secret. The newest record once more is nothing new. */
export async function extendEpochChain(
  chain: EpochChain,
  record: EpochRecord,
  accounts: Accounts,
): Promise<Reading<EpochChain>> {
  const { statement, signature } = record;
  const before = newestEpoch(chain);
  const link = { record, hash: await epochHash(statement) };
  const outOfPlace = faultOfPlace(chain, before, link);
  if (outOfPlace !== undefined) {
    return unreadable(outOfPlace);
  }
  if (statement.epoch === before?.record.statement.epoch) {
    return read(chain);
  }
  const key = signingKey(chain, statement, accounts);
  if (key === undefined) {
    return unreadable("NOT_A_SIGNER");
  }
  if (!(await isSignedBy(key, "epoch", encodeEpochStatement(statement), signature))) {
    return unreadable("BAD_SIGNATURE");
  }
  const forbidden = before && faultOfChange(chain.genesis, before.record.statement, statement);
  return forbidden === undefined ? read({ ...chain, links: [...chain.links, link] }) : unreadable(forbidden);
}

/**
 * The key of the device that signed for an active member: the device is in the record that the signer names, which is
 * not older than the one of the roster and of the same root.
 */
export function activeSignersKey(
  roster: EpochStatement,
  signer: Signer,
  accounts: Accounts,
): Bytes | undefined {
  const entry = entryOf(roster, signer.uid);
  const chain = accounts.get(signer.uid);
  const known = linkAt(chain, entry?.account?.seq ?? 0);
  const used = linkAt(chain, signer.accountSeq);
  return entry?.state === "active" &&
    entry.account !== undefined &&
    known !== undefined &&
    used !== undefined &&
    sameBytes(known.hash, entry.account.hash) &&
    signer.accountSeq >= entry.account.seq &&
    sameBytes(used.record.statement.arkPub, known.record.statement.arkPub)
    ? deviceKey(signer, accounts)
    : undefined;
}

function faultOfPlace(
  chain: EpochChain,
  before: EpochLink | undefined,
  { record: { statement }, hash }: EpochLink,
): Fault | undefined {
  if (statement.conversation !== chain.conversation) {
    return "WRONG_CONTEXT";
  }
  if (statement.histLink.length > 0 && chain.genesis.history !== "full") {
    return "RULE_BROKEN";
  }
  const epoch = before?.record.statement.epoch ?? 0;
  if (statement.epoch < epoch) {
    return "ROLLED_BACK";
  }
  if (before !== undefined && statement.epoch === epoch) {
    return sameBytes(hash, before.hash) ? undefined : "FORKED";
  }
  const prevHash = before?.hash ?? chain.genesisHash;
  return statement.epoch === epoch + 1 && sameBytes(statement.prevHash, prevHash)
    ? undefined
    : "BROKEN_CHAIN";
}

function signingKey(chain: EpochChain, statement: EpochStatement, accounts: Accounts): Bytes | undefined {
  const { rotatorUid: uid, rotatorDevice: deviceId, accountSeq, reason } = statement;
  const signer = { uid, deviceId, accountSeq };
  const before = newestEpoch(chain)?.record.statement;
  if (before === undefined) {
    const { creatorUid, creatorDevice, accountSeq: least } = chain.genesis;
    const creator = uid === creatorUid && deviceId === creatorDevice && accountSeq >= least;
    return creator ? deviceKey(signer, accounts) : undefined;
  }
  if (reason !== "restarted") {
    return activeSignersKey(before, signer, accounts);
  }
  const entry = entryOf(before, uid);
  return entry !== undefined &&
    accountSeq >= (entry.account?.seq ?? 0) &&
    before.roster.every((member) => member.state === "pending" || wasReset(member, accounts))
    ? deviceKey(signer, accounts)
    : undefined;
}

/** Whether the account has another root by now: its owner may have lost the keys of the conversation. */
function wasReset({ uid, account }: RosterEntry, accounts: Accounts): boolean {
  const chain = accounts.get(uid);
  const known = linkAt(chain, account?.seq ?? 0);
  return (
    chain !== undefined &&
    known !== undefined &&
    !sameBytes(newest(chain).record.statement.arkPub, known.record.statement.arkPub)
  );
}

function deviceKey({ uid, deviceId, accountSeq }: Signer, accounts: Accounts): Bytes | undefined {
  const { devices } = linkAt(accounts.get(uid), accountSeq)?.record.statement ?? { devices: [] };
  return devices.find((device) => device.deviceId === deviceId)?.dskPub;
}

function faultOfChange(
  { addPolicy }: GenesisStatement,
  before: EpochStatement,
  after: EpochStatement,
): Fault | undefined {
  const known = new Map(before.roster.map((entry) => [entry.uid, entry]));
  for (const { uid, account } of after.roster) {
    if ((account?.seq ?? 0) < (known.get(uid)?.account?.seq ?? 0)) {
      return "ROLLED_BACK";
    }
  }
  const byAdmin = known.get(after.rotatorUid)?.role === "admin";
  const allowed = after.roster.every(({ uid, role }) => {
    const old = known.get(uid);
    const raised = role === "admin" && old?.role !== "admin";
    const needsAdmin = raised || (old === undefined && addPolicy === "admins");
    return byAdmin || !needsAdmin;
  });
  return allowed ? undefined : "NOT_ALLOWED";
}
