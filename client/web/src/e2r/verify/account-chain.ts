// SPDX-License-Identifier: Apache-2.0
import { type Bytes, bytesOf, idOf, type Uid } from "../../ids.ts";
import { join, sameBytes } from "../bytes.ts";
import { type Fault, type Reading, read, unreadable } from "../fault.ts";
import { isOnCurve } from "../point.ts";
import {
  type AccountRecord,
  type AccountStatement,
  type Device,
  encodeAccountStatement,
} from "../records/account.ts";
import { accountHash } from "./hashes.ts";
import { isSignedBy } from "./signatures.ts";

const DAY_MS = 24 * 60 * 60 * 1000;

/** A record that was verified, and its name. */
export interface AccountLink {
  readonly record: AccountRecord;
  readonly hash: Bytes;
}

/** The records of one user, verified from the first on; never empty. */
export interface AccountChain {
  readonly links: readonly AccountLink[];
}

/** The accounts that somebody knows; a Map is one. */
export interface Accounts {
  get(uid: Uid): AccountChain | undefined;
}

export function newest(chain: AccountChain): AccountLink {
  return chain.links.at(-1) as AccountLink;
}

/** The record of that number, if the chain has it. */
export function linkAt(chain: AccountChain | undefined, seq: number): AccountLink | undefined {
  return chain?.links[seq - 1];
}

/** What a device signs to show that the keys are its own. */
export function possessionBytes(
  { tenant, uid, arkPub }: Pick<AccountStatement, "tenant" | "uid" | "arkPub">,
  { deviceId, dskPub, dekPub }: Pick<Device, "deviceId" | "dskPub" | "dekPub">,
): Bytes {
  return join(bytesOf(tenant), bytesOf(uid), arkPub, bytesOf(deviceId), dskPub, dekPub);
}

/** A record by itself: INVALID_POINT, KEY_REUSED or BAD_SIGNATURE. */
export async function verifyAccountRecord(record: AccountRecord): Promise<Reading<AccountRecord>> {
  const fault = await faultByItself(record);
  return fault === undefined ? read(record) : unreadable(fault);
}

/** Verifies the records of a user, from the first on. */
export async function verifyAccountChain(records: readonly AccountRecord[]): Promise<Reading<AccountChain>> {
  let chain: AccountChain | undefined;
  for (const record of records) {
    const extended = await extendAccountChain(chain, record);
    if (!extended.ok) {
      return extended;
    }
    chain = extended.value;
  }
  return chain === undefined ? unreadable("BROKEN_CHAIN") : read(chain);
}

/** Verifies one more record, or (without a chain) the first. The newest record once more is nothing new. */
export async function extendAccountChain(
  chain: AccountChain | undefined,
  record: AccountRecord,
): Promise<Reading<AccountChain>> {
  const fault = await faultByItself(record);
  if (fault !== undefined) {
    return unreadable(fault);
  }
  const link = { record, hash: await accountHash(record.statement) };
  if (chain === undefined) {
    return record.statement.seq === 1 ? read({ links: [link] }) : unreadable("BROKEN_CHAIN");
  }
  const before = newest(chain);
  const outOfPlace = faultOfPlace(before, link);
  if (outOfPlace !== undefined) {
    return unreadable(outOfPlace);
  }
  if (record.statement.seq === before.record.statement.seq) {
    return read(chain);
  }
  if (!keepsRules(chain, record.statement)) {
    return unreadable("RULE_BROKEN");
  }
  const discontinuous = await faultOfContinuity(before.record.statement, record);
  return discontinuous === undefined ? read({ links: [...chain.links, link] }) : unreadable(discontinuous);
}

async function faultByItself({ statement, byRoot, possessions }: AccountRecord): Promise<Fault | undefined> {
  const { arkPub, aekPub, devices } = statement;
  const keys = [arkPub, aekPub, ...devices.flatMap(({ dskPub, dekPub }) => [dskPub, dekPub])];
  if ((await Promise.all(keys.map(isOnCurve))).includes(false)) {
    return "INVALID_POINT";
  }
  if (new Set(keys.map((key) => idOf(key) as string)).size < keys.length) {
    return "KEY_REUSED";
  }
  const signed = await Promise.all([
    isSignedBy(arkPub, "account", encodeAccountStatement(statement), byRoot),
    ...devices.map((device, i) => {
      const possession = possessions[i] ?? new Uint8Array(0);
      return isSignedBy(device.dskPub, "dev-pop", possessionBytes(statement, device), possession);
    }),
  ]);
  return signed.includes(false) ? "BAD_SIGNATURE" : undefined;
}

function faultOfPlace(before: AccountLink, link: AccountLink): Fault | undefined {
  const last = before.record.statement;
  const next = link.record.statement;
  if (next.tenant !== last.tenant || next.uid !== last.uid) {
    return "WRONG_CONTEXT";
  }
  if (next.seq < last.seq) {
    return "ROLLED_BACK";
  }
  if (next.seq === last.seq) {
    return sameBytes(link.hash, before.hash) ? undefined : "FORKED";
  }
  return next.seq === last.seq + 1 && sameBytes(next.prevHash, before.hash) ? undefined : "BROKEN_CHAIN";
}

function keepsRules(chain: AccountChain, next: AccountStatement): boolean {
  const last = newest(chain).record.statement;
  const sameRoot = sameBytes(next.arkPub, last.arkPub);
  const sameKey = next.aekGen === last.aekGen && sameBytes(next.aekPub, last.aekPub);
  const nextKey = next.aekGen === last.aekGen + 1 && !sameBytes(next.aekPub, last.aekPub);
  if (next.kind === "reset-vetoed") {
    return nextKey && resetsInForce(chain).some((before) => undoes(before, next));
  }
  const stay = next.devices.filter((device) => hasDevice(last, device));
  const added = next.devices.length - stay.length;
  const gone = last.devices.length - stay.length;
  const unchanged = next.devices.every((device) =>
    hasDevice(last, device) ? hasSameDevice(last, device) : device.addedSeq === next.seq,
  );
  switch (next.kind) {
    case "genesis":
      return false;
    case "device-added":
      return unchanged && sameRoot && sameKey && gone === 0 && added > 0;
    case "device-revoked":
      return unchanged && sameRoot && nextKey && gone > 0 && added === 0;
    case "rotated":
      return unchanged && sameRoot && nextKey && gone === 0 && added === 0;
    case "reset":
      return unchanged && !sameRoot && nextKey;
  }
}

/** A reset, and the record before it. */
export interface Reset {
  readonly before: AccountStatement;
  readonly reset: AccountStatement;
}

/** The resets that no veto has undone, oldest first. A veto undoes a reset and all that came after it. */
export function resetsInForce({ links }: AccountChain): readonly Reset[] {
  const resets: Reset[] = [];
  links.forEach(({ record: { statement } }, i) => {
    const before = links[i - 1]?.record.statement;
    if (statement.kind === "reset" && before !== undefined) {
      resets.push({ before, reset: statement });
    } else if (statement.kind === "reset-vetoed") {
      resets.length = resets.findIndex((reset) => undoes(reset, statement));
    }
  });
  return resets;
}

function undoes({ before, reset }: Reset, veto: AccountStatement): boolean {
  return (
    sameBytes(veto.arkPub, before.arkPub) &&
    veto.createdMs - reset.createdMs <= DAY_MS &&
    veto.devices.every((device) => hasSameDevice(before, device))
  );
}

async function faultOfContinuity(
  last: AccountStatement,
  { statement, continuity }: AccountRecord,
): Promise<Fault | undefined> {
  if (continuity.by === "nobody") {
    return undefined;
  }
  const device =
    continuity.by === "device"
      ? last.devices.find(({ deviceId }) => deviceId === continuity.deviceId)
      : undefined;
  const key = continuity.by === "root" ? last.arkPub : device?.dskPub;
  if (key === undefined) {
    return "NOT_A_SIGNER";
  }
  const bytes = encodeAccountStatement(statement);
  return (await isSignedBy(key, "account-cont", bytes, continuity.signature)) ? undefined : "BAD_SIGNATURE";
}

function hasDevice({ devices }: AccountStatement, { deviceId }: Device): boolean {
  return devices.some((device) => device.deviceId === deviceId);
}

function hasSameDevice({ devices }: AccountStatement, other: Device): boolean {
  return devices.some(
    (device) =>
      device.deviceId === other.deviceId &&
      sameBytes(device.dskPub, other.dskPub) &&
      sameBytes(device.dekPub, other.dekPub) &&
      device.addedSeq === other.addedSeq &&
      device.addedMs === other.addedMs,
  );
}
