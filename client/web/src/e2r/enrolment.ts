// SPDX-License-Identifier: Apache-2.0
import { type Bytes, bytesOf, type DeviceId, type TenantId, type Uid } from "../ids.ts";
import { label, slice } from "./bytes.ts";
import { sha256 } from "./hash.ts";
import { CODE_BYTES, formatCode, isCodeOf } from "./recovery-code.ts";

const LABEL = label("e2r/1/enrol");

/** A device that asks to be taken into an account. */
export interface NewDevice {
  readonly tenant: TenantId;
  readonly uid: Uid;
  readonly device: DeviceId;
  readonly dskPub: Bytes;
  readonly dekPub: Bytes;
}

/** What the new device shows, and the old one works out from the keys that the service handed it. */
export async function enrolmentCode(device: NewDevice): Promise<string> {
  return formatCode(await codeOf(device));
}

/** Whether the code that the new device shows is that of the keys that arrived here. */
export async function isEnrolmentCode(text: string, device: NewDevice): Promise<boolean> {
  return isCodeOf(text, await codeOf(device));
}

async function codeOf(device: NewDevice): Promise<Bytes> {
  const ids = [device.tenant, device.uid, device.device].map(bytesOf);
  return slice(await sha256(LABEL, ...ids, device.dskPub, device.dekPub), 0, CODE_BYTES);
}
