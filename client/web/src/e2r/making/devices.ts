// SPDX-License-Identifier: Apache-2.0
import { type Bytes, bytesOf, type DeviceId, newDeviceId, type TenantId, type Uid } from "../../ids.ts";
import { utf8, join, u64, u8 } from "../bytes.ts";
import type { Reading } from "../fault.ts";
import type { DeviceKeys } from "../key-store.ts";
import { AgreementKeys, SigningKeys } from "../keys.ts";
import type { AccountStatement } from "../records/account.ts";
import { possessionBytes } from "../verify/account-chain.ts";
import { verifySignature } from "../verify/signatures.ts";

const NONCE_BYTES = 32;
const AUDIENCE_MAX = 255;

/** A device with its proof that it has its keys: what an account needs to take it in. */
export interface DeviceOffer {
  readonly deviceId: DeviceId;
  readonly dskPub: Bytes;
  readonly dekPub: Bytes;
  readonly possession: Bytes;
}

/** The account that an offer is for; after a reset it has another root and needs another offer. */
export type OfferedAccount = Pick<AccountStatement, "tenant" | "uid" | "arkPub">;

/** What a device proves itself with when it connects. */
export interface Login {
  readonly tenant: TenantId;
  readonly uid: Uid;
  readonly deviceId: DeviceId;
  readonly nonce: Bytes;
  readonly audience: string;
  readonly ms: number;
}

export async function newDevice(device: DeviceId = newDeviceId()): Promise<DeviceKeys> {
  const [signing, agreement] = await Promise.all([SigningKeys.generate(), AgreementKeys.generate()]);
  return { device, signing, agreement };
}

export async function offerDevice(own: DeviceKeys, account: OfferedAccount): Promise<DeviceOffer> {
  const { device: deviceId, signing, agreement } = own;
  const keys = { deviceId, dskPub: signing.publicKey, dekPub: agreement.publicKey };
  return { ...keys, possession: await signing.sign("dev-pop", possessionBytes(account, keys)) };
}

/** Whether whoever offers the device has its keys, before anybody takes it in. */
export function verifyOffer(offer: DeviceOffer, account: OfferedAccount): Promise<Reading<true>> {
  return verifySignature(offer.dskPub, "dev-pop", possessionBytes(account, offer), offer.possession);
}

/** What is signed at a login: no record begins like it, and no other signature has its name. */
export function loginBytes({ tenant, uid, deviceId, nonce, audience, ms }: Login): Bytes {
  const name = utf8(audience);
  if (nonce.length !== NONCE_BYTES || name.length > AUDIENCE_MAX) {
    throw new RangeError("WRONG_LENGTH");
  }
  const whose = join(bytesOf(tenant), bytesOf(uid), bytesOf(deviceId));
  return join(whose, nonce, u8(name.length), name, u64(ms));
}

export function signLogin(own: DeviceKeys, login: Omit<Login, "deviceId">): Promise<Bytes> {
  return own.signing.sign("auth", loginBytes({ ...login, deviceId: own.device }));
}

export async function verifyLogin(dskPub: Bytes, login: Login, signature: Bytes): Promise<Reading<true>> {
  return verifySignature(dskPub, "auth", loginBytes(login), signature);
}
