// SPDX-License-Identifier: Apache-2.0
import { join, u16, u8, utf8 } from "../../src/e2r/bytes.ts";
import { expand, extract } from "../../src/e2r/hash.ts";
import { type AgreementKeys, importAgreementKeys } from "../../src/e2r/keys.ts";
import { Secret } from "../../src/e2r/secret.ts";
import type { Bytes } from "../../src/ids.ts";
import { unhex } from "./tally.ts";

const PKCS8_WITHOUT_POINT = "3041020100301306072a8648ce3d020106082a8648ce3d030107042730250201010420";

/** DeriveKeyPair of RFC 9180 for P-256: published vectors name the seeds of their keys. */
export async function deriveKeyPair(ikm: Bytes): Promise<AgreementKeys> {
  const version = utf8("HPKE-v1");
  const kem = join(utf8("KEM"), u16(0x0010));
  const prk = await extract(new Uint8Array(0), join(version, kem, utf8("dkp_prk"), ikm));
  const info = join(u16(32), version, kem, utf8("candidate"), u8(0));
  return keysOfScalar(await expand(prk, info, 32));
}

/** The product never makes a key of a bare scalar; here WebCrypto is left to find the point. */
async function keysOfScalar(d: Bytes): Promise<AgreementKeys> {
  const curve = { name: "ECDH", namedCurve: "P-256" };
  const pkcs8 = join(unhex(PKCS8_WITHOUT_POINT), d);
  const key = await crypto.subtle.importKey("pkcs8", pkcs8, curve, true, ["deriveBits"]);
  const { x, y } = await crypto.subtle.exportKey("jwk", key);
  const point = join(u8(4), fromBase64Url(x as string), fromBase64Url(y as string));
  const keys = await importAgreementKeys(new Secret(join(d, point.slice(1))), point);
  if (!keys.ok) {
    throw new Error(keys.fault);
  }
  return keys.value;
}

export function fromBase64Url(text: string): Bytes {
  return Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (char) => char.charCodeAt(0));
}
