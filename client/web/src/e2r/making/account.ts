// SPDX-License-Identifier: Apache-2.0
import type { Bytes, DeviceId, TenantId, Uid } from "../../ids.ts";
import { sameBytes } from "../bytes.ts";
import type { DeviceKeys } from "../key-store.ts";
import type { AgreementKeys, Fresh, SigningKeys } from "../keys.ts";
import { type Randomness, SECURE } from "../randomness.ts";
import {
  type AccountRecord,
  type AccountStatement,
  type Continuity,
  type Device,
  encodeAccountStatement,
} from "../records/account.ts";
import type { Secret } from "../secret.ts";
import {
  type AccountChain,
  type AccountLink,
  extendAccountChain,
  newest,
  resetsInForce,
} from "../verify/account-chain.ts";
import { accountHash } from "../verify/hashes.ts";
import { wrapUserKeyWith } from "../wraps.ts";
import type { DeviceOffer } from "./devices.ts";

/** A record that was just made, verified like anybody else's, and the user's key for each of its devices. */
export interface MadeAccount {
  readonly chain: AccountChain;
  readonly record: AccountRecord;
  readonly hash: Bytes;
  readonly wraps: ReadonlyMap<DeviceId, Bytes>;
}

/** Who vouches for a reset: nobody, the root before it, or this device of the record before it. */
export type ResetBy =
  | { readonly by: "nobody" }
  | { readonly by: "root"; readonly ark: SigningKeys }
  | { readonly by: "device"; readonly keys: DeviceKeys };

const NOBODY: ResetBy = { by: "nobody" };

/** Makes the records of accounts, with the root at hand: see accountMaker. */
export class AccountMaker {
  readonly #randomness: Randomness;

  constructor(randomness: Randomness) {
    this.#randomness = randomness;
  }

  /** The first record. */
  create(
    tenant: TenantId,
    uid: Uid,
    ark: SigningKeys,
    aek: Fresh<AgreementKeys>,
    offers: readonly DeviceOffer[],
    nowMs: number,
  ): Promise<MadeAccount> {
    const statement: AccountStatement = {
      tenant,
      uid,
      seq: 1,
      prevHash: new Uint8Array(32),
      kind: "genesis",
      arkPub: ark.publicKey,
      aekGen: 1,
      aekPub: aek.keys.publicKey,
      devices: sorted(offers.map((offer) => deviceOf(offer, 1, nowMs))),
      createdMs: nowMs,
    };
    return this.#make(undefined, statement, ark, aek.secret, possessionsOf(offers), NOBODY);
  }

  /** Takes devices in; the user's key stays, and they get it. */
  addDevices(
    chain: AccountChain,
    ark: SigningKeys,
    aekSecret: Secret,
    offers: readonly DeviceOffer[],
    nowMs: number,
  ): Promise<MadeAccount> {
    const link = newest(chain);
    const { seq, devices } = link.record.statement;
    const added = offers.map((offer) => deviceOf(offer, seq + 1, nowMs));
    const statement = { ...next(link, nowMs), devices: sorted([...devices, ...added]) };
    const possessions = new Map([...possessionsIn(link), ...possessionsOf(offers)]);
    return this.#make(chain, { ...statement, kind: "device-added" }, ark, aekSecret, possessions, NOBODY);
  }

  /** Puts devices out; the user's next key is not for them. */
  revokeDevices(
    chain: AccountChain,
    ark: SigningKeys,
    aek: Fresh<AgreementKeys>,
    gone: ReadonlySet<DeviceId>,
    nowMs: number,
  ): Promise<MadeAccount> {
    const link = newest(chain);
    const devices = link.record.statement.devices.filter(({ deviceId }) => !gone.has(deviceId));
    const statement: AccountStatement = {
      ...withKey(next(link, nowMs), aek),
      kind: "device-revoked",
      devices,
    };
    return this.#make(chain, statement, ark, aek.secret, possessionsIn(link), NOBODY);
  }

  /** Gives the same devices the user's next key. */
  rotateKey(
    chain: AccountChain,
    ark: SigningKeys,
    aek: Fresh<AgreementKeys>,
    nowMs: number,
  ): Promise<MadeAccount> {
    const link = newest(chain);
    const statement: AccountStatement = { ...withKey(next(link, nowMs), aek), kind: "rotated" };
    return this.#make(chain, statement, ark, aek.secret, possessionsIn(link), NOBODY);
  }

  /** Begins anew with another root. The offers are made for it, also those of devices that stay. */
  reset(
    chain: AccountChain,
    ark: SigningKeys,
    aek: Fresh<AgreementKeys>,
    offers: readonly DeviceOffer[],
    by: ResetBy,
    nowMs: number,
  ): Promise<MadeAccount> {
    const link = newest(chain);
    const { seq, devices } = link.record.statement;
    const kept = new Map(devices.map((device) => [device.deviceId, device]));
    const statement: AccountStatement = {
      ...withKey(next(link, nowMs), aek),
      kind: "reset",
      arkPub: ark.publicKey,
      devices: sorted(offers.map((offer) => kept.get(offer.deviceId) ?? deviceOf(offer, seq + 1, nowMs))),
    };
    return this.#make(chain, statement, ark, aek.secret, possessionsOf(offers), by);
  }

  /** Undoes the first reset that took this root away, and all later ones: the account has its devices back. */
  async vetoReset(
    chain: AccountChain,
    ark: SigningKeys,
    aek: Fresh<AgreementKeys>,
    nowMs: number,
  ): Promise<MadeAccount> {
    const reset = resetsInForce(chain).find(({ before }) => sameBytes(before.arkPub, ark.publicKey));
    const before = chain.links[(reset?.before.seq ?? 0) - 1];
    if (before === undefined) {
      throw new RangeError("RULE_BROKEN");
    }
    const statement: AccountStatement = {
      ...withKey(next(newest(chain), nowMs), aek),
      kind: "reset-vetoed",
      arkPub: ark.publicKey,
      devices: before.record.statement.devices,
    };
    return this.#make(chain, statement, ark, aek.secret, possessionsIn(before), NOBODY);
  }

  async #make(
    chain: AccountChain | undefined,
    statement: AccountStatement,
    ark: SigningKeys,
    aekSecret: Secret,
    possessions: ReadonlyMap<DeviceId, Bytes>,
    by: ResetBy,
  ): Promise<MadeAccount> {
    const tbs = encodeAccountStatement(statement);
    const record: AccountRecord = {
      statement,
      byRoot: await ark.sign("account", tbs),
      continuity: await continuityOf(by, tbs),
      possessions: statement.devices.map(({ deviceId }) => possessions.get(deviceId) as Bytes),
    };
    const extended = await extendAccountChain(chain, record);
    if (!extended.ok) {
      throw new RangeError(extended.fault);
    }
    const hash = await accountHash(statement);
    const wraps = new Map<DeviceId, Bytes>();
    for (const { deviceId: device, dekPub } of statement.devices) {
      const { tenant, uid, aekGen } = statement;
      const what = { tenant, uid, device, aekGen, recordHash: hash };
      wraps.set(device, await wrapUserKeyWith(this.#randomness, aekSecret, dekPub, what));
    }
    return { chain: extended.value, record, hash, wraps };
  }
}

export const accountMaker = new AccountMaker(SECURE);

function next({ record: { statement }, hash }: AccountLink, createdMs: number): AccountStatement {
  return { ...statement, seq: statement.seq + 1, prevHash: hash, createdMs };
}

function withKey(statement: AccountStatement, { keys }: Fresh<AgreementKeys>): AccountStatement {
  return { ...statement, aekGen: statement.aekGen + 1, aekPub: keys.publicKey };
}

function deviceOf({ deviceId, dskPub, dekPub }: DeviceOffer, addedSeq: number, addedMs: number): Device {
  return { deviceId, dskPub, dekPub, addedSeq, addedMs };
}

function sorted(devices: readonly Device[]): readonly Device[] {
  return [...devices].sort((a, b) => (a.deviceId < b.deviceId ? -1 : 1));
}

function possessionsOf(offers: readonly DeviceOffer[]): ReadonlyMap<DeviceId, Bytes> {
  return new Map(offers.map(({ deviceId, possession }) => [deviceId, possession]));
}

function possessionsIn({ record }: AccountLink): ReadonlyMap<DeviceId, Bytes> {
  return new Map(
    record.statement.devices.map(({ deviceId }, i) => [deviceId, record.possessions[i] as Bytes]),
  );
}

async function continuityOf(by: ResetBy, tbs: Bytes): Promise<Continuity> {
  switch (by.by) {
    case "nobody":
      return by;
    case "root":
      return { by: "root", signature: await by.ark.sign("account-cont", tbs) };
    case "device": {
      const { device: deviceId, signing } = by.keys;
      return { by: "device", deviceId, signature: await signing.sign("account-cont", tbs) };
    }
  }
}
