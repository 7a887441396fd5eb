// SPDX-License-Identifier: Apache-2.0
import { type Bytes, randomBytes } from "../ids.ts";
import { utf8, isZero, join, sameBytes, slice } from "./bytes.ts";
import { type Reading, read, unreadable } from "./fault.ts";
import { derivationKey } from "./hash.ts";
import { ECDH, ECDSA, importAgreementPoint, isPointLike } from "./point.ts";
import { Secret } from "./secret.ts";
import { ECDSA_SHA256, signedBytes, verifyBytes } from "./signature.ts";

export const PRIVATE_KEY_BYTES = 96;
export const SEAL_KEY_BYTES = 32;
const COORDINATE_BYTES = 32;

declare const kind: unique symbol;

/** A key of 32 bytes from which sealing derives; nobody can export it. A conversation's key is one. */
export type SealKey = CryptoKey & { readonly [kind]: "seal" };

/** A key pair that signs and does nothing else: ARK or DSK. */
export class SigningKeys {
  constructor(
    readonly publicKey: Bytes,
    readonly privateKey: CryptoKey,
  ) {}

  /** A device's own pair: its private part never leaves WebCrypto. */
  static async generate(): Promise<SigningKeys> {
    return new SigningKeys(...(await generated(ECDSA, false, ["sign", "verify"])));
  }

  /** SIGN(this key, name, bytes): 64 bytes. */
  async sign(name: string, bytes: Bytes): Promise<Bytes> {
    return new Uint8Array(await crypto.subtle.sign(ECDSA_SHA256, this.privateKey, signedBytes(name, bytes)));
  }
}

/** A key pair that opens wraps and does nothing else: AEK or DEK. */
export class AgreementKeys {
  constructor(
    readonly publicKey: Bytes,
    readonly privateKey: CryptoKey,
  ) {}

  /** A device's own pair: its private part never leaves WebCrypto. */
  static async generate(): Promise<AgreementKeys> {
    return new AgreementKeys(...(await generated(ECDH, false, ["deriveBits"])));
  }
}

/** Keys that just came to be, and their private part as 96 bytes for the backup and the devices' wraps. */
export interface Fresh<Keys> {
  readonly keys: Keys;
  readonly secret: Secret;
}

/** A new ARK. The keys for use cannot be exported; the secret is for the backup. */
export async function generateAccountKeys(): Promise<Fresh<SigningKeys>> {
  return fresh(ECDSA, ["sign", "verify"], importSigningKeys);
}

/** A new AEK. The keys for use cannot be exported; the secret is for the backup and the wraps for devices. */
export async function generateUserKeys(): Promise<Fresh<AgreementKeys>> {
  return fresh(ECDH, ["deriveBits"], importAgreementKeys);
}

/** Keys from d ‖ x ‖ y, if x ‖ y is the public key expected and d belongs to it; else KEY_MISMATCH. */
export async function importSigningKeys(secret: Secret, expected: Bytes): Promise<Reading<SigningKeys>> {
  const privateKey = await importPrivate(secret, expected, ECDSA, ["sign"]);
  if (!privateKey.ok) {
    return privateKey;
  }
  // What was imported is tried out: not every WebCrypto compares d with x and y.
  const probe = join(utf8("e2r/1/probe"), randomBytes(32));
  const signature = new Uint8Array(await crypto.subtle.sign(ECDSA_SHA256, privateKey.value, probe));
  return (await verifyBytes(expected, probe, signature)).ok
    ? read(new SigningKeys(expected, privateKey.value))
    : unreadable("KEY_MISMATCH");
}

/** Keys from d ‖ x ‖ y, if x ‖ y is the public key expected and d belongs to it; else KEY_MISMATCH. */
export async function importAgreementKeys(secret: Secret, expected: Bytes): Promise<Reading<AgreementKeys>> {
  const privateKey = await importPrivate(secret, expected, ECDH, ["deriveBits"]);
  const point = await importAgreementPoint(expected);
  if (!privateKey.ok || !point.ok) {
    return unreadable("KEY_MISMATCH");
  }
  // Both ways must lead to one secret: d with a fresh key's public part, and that key's private part with x ‖ y.
  const probe = (await crypto.subtle.generateKey(ECDH, false, ["deriveBits"])) as CryptoKeyPair;
  const [ours, theirs] = await Promise.all([
    agreed(privateKey.value, probe.publicKey),
    agreed(probe.privateKey, point.value),
  ]);
  return sameBytes(ours, theirs)
    ? read(new AgreementKeys(expected, privateKey.value))
    : unreadable("KEY_MISMATCH");
}

/** The bare Diffie-Hellman secret with somebody's point: MALFORMED_POINT or INVALID_POINT if it is none. */
export async function agree(keys: AgreementKeys, point: Bytes): Promise<Reading<Bytes>> {
  const other = await importAgreementPoint(point);
  return other.ok ? read(await agreed(keys.privateKey, other.value)) : other;
}

async function agreed(privateKey: CryptoKey, publicKey: CryptoKey): Promise<Bytes> {
  return new Uint8Array(
    await crypto.subtle.deriveBits({ name: "ECDH", public: publicKey }, privateKey, 8 * COORDINATE_BYTES),
  );
}

/** 32 bytes for sealing; the zero key is refused because it is what a wrong initialisation leaves behind. */
export async function sealKey(bytes: Bytes): Promise<SealKey> {
  if (bytes.length !== SEAL_KEY_BYTES || isZero(bytes)) {
    throw new RangeError(`a key for sealing has ${SEAL_KEY_BYTES} bytes that are not all zero`);
  }
  return (await derivationKey(bytes)) as SealKey;
}

/** The same for bytes that came from somebody else. */
export async function readSealKey(bytes: Bytes): Promise<Reading<SealKey>> {
  return bytes.length === SEAL_KEY_BYTES && !isZero(bytes)
    ? read(await sealKey(bytes))
    : unreadable("CANNOT_OPEN");
}

async function generated(
  algorithm: EcKeyGenParams,
  extractable: boolean,
  usages: KeyUsage[],
): Promise<[Bytes, CryptoKey]> {
  const pair = (await crypto.subtle.generateKey(algorithm, extractable, usages)) as CryptoKeyPair;
  const point = new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey));
  return [point, pair.privateKey];
}

async function fresh<Keys>(
  algorithm: EcKeyGenParams,
  usages: KeyUsage[],
  importKeys: (secret: Secret, expected: Bytes) => Promise<Reading<Keys>>,
): Promise<Fresh<Keys>> {
  const [point, privateKey] = await generated(algorithm, true, usages);
  const { d } = await crypto.subtle.exportKey("jwk", privateKey);
  const secret = new Secret(join(fromBase64Url(d as string), slice(point, 1)));
  const keys = await importKeys(secret, point);
  if (!keys.ok) {
    throw new Error(`WebCrypto made a key pair that does not fit itself: ${keys.fault}`);
  }
  return { keys: keys.value, secret };
}

async function importPrivate(
  secret: Secret,
  expected: Bytes,
  algorithm: EcKeyImportParams,
  usages: KeyUsage[],
): Promise<Reading<CryptoKey>> {
  const bytes = secret.reveal();
  if (
    bytes.length !== PRIVATE_KEY_BYTES ||
    !isPointLike(expected) ||
    !sameBytes(slice(bytes, COORDINATE_BYTES), slice(expected, 1))
  ) {
    return unreadable("KEY_MISMATCH");
  }
  const part = (i: number) => toBase64Url(slice(bytes, i * COORDINATE_BYTES, (i + 1) * COORDINATE_BYTES));
  const jwk: JsonWebKey = { kty: "EC", crv: "P-256", d: part(0), x: part(1), y: part(2) };
  try {
    return read(await crypto.subtle.importKey("jwk", jwk, algorithm, false, usages));
  } catch {
    return unreadable("KEY_MISMATCH");
  }
}

function toBase64Url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replace(/\+/g, "-")
    .replace(/\//g, "_")
    .replace(/=+$/, "");
}

/** A coordinate always has 32 bytes there (RFC 7518, 6.2.2.1). */
function fromBase64Url(text: string): Bytes {
  return Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (char) => char.charCodeAt(0));
}
