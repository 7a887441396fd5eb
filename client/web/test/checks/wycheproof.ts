// SPDX-License-Identifier: Apache-2.0
// Google's Wycheproof vectors, through the functions that the product calls; see their licence beside them.
import { aeadKey, decrypt, encrypt } from "../../src/e2r/aead.ts";
import { join, sameBytes, u8 } from "../../src/e2r/bytes.ts";
import { expand, extract, hkdf, hmac, pbkdf2 } from "../../src/e2r/hash.ts";
import { agree, importAgreementKeys } from "../../src/e2r/keys.ts";
import { POINT_BYTES } from "../../src/e2r/point.ts";
import { Secret } from "../../src/e2r/secret.ts";
import { verifyBytes } from "../../src/e2r/signature.ts";
import type { Bytes } from "../../src/ids.ts";
import { fromBase64Url } from "./key-pairs.ts";
import { hex, refuses, Tally, unhex } from "./tally.ts";

export const WYCHEPROOF = {
  ecdh: "ecdh_secp256r1_webcrypto_test",
  ecdsa: "ecdsa_secp256r1_sha256_p1363_test",
  aes: "aes_gcm_test",
  hkdf: "hkdf_sha256_test",
  hmac: "hmac_sha256_test",
  pbkdf2: "pbkdf2_hmacsha256_test",
} as const;

type Name = keyof typeof WYCHEPROOF;
type Case = Readonly<Record<string, string>> & { readonly tcId: number };
interface Group {
  readonly ivSize: number;
  readonly keySize: number;
  readonly publicKey: { readonly uncompressed: string };
  readonly tests: readonly Case[];
}
interface Key {
  readonly d?: string;
  readonly x?: string;
  readonly y?: string;
}
type Check = (tally: Tally, test: Case, group: Group) => Promise<void>;

export async function checkWycheproof(name: Name, file: unknown): Promise<Tally> {
  const tally = new Tally(name);
  for (const group of (file as { testGroups: readonly Group[] }).testGroups) {
    for (const test of group.tests) {
      await CHECKS[name](tally, test, group);
    }
  }
  return tally;
}

/** How many of the AES-GCM vectors have the suite's sizes: the others are refused by their size. */
export function ofSuiteSize(file: unknown): number {
  const groups = (file as { testGroups: readonly Group[] }).testGroups;
  return groups.filter(isOfSuiteSize).reduce((sum, group) => sum + group.tests.length, 0);
}

const CHECKS: Readonly<Record<Name, Check>> = {
  async ecdh(tally, test) {
    const ours = test["private"] as unknown as Key;
    const secret = new Secret(join(field(ours.d), pointOf(ours).slice(1)));
    const keys = await importAgreementKeys(secret, pointOf(ours));
    const point = pointOf(test["public"] as unknown as Key);
    // Two of the keys are of other curves, too long or too short for ours. KEY_MISMATCH would be our own key's fault.
    const refused = point.length === POINT_BYTES ? "INVALID_POINT" : "MALFORMED_POINT";
    const wanted = test["result"] === "valid" ? test["shared"] : refused;
    const shared = keys.ok ? await agree(keys.value, point) : keys;
    tally.same(`${test.tcId}`, shared.ok ? hex(shared.value) : shared.fault, wanted);
  },

  async ecdsa(tally, test, group) {
    const point = unhex(group.publicKey.uncompressed);
    const verified = await verifyBytes(point, bytesOf(test, "msg"), bytesOf(test, "sig"));
    const wanted = test["result"] === "valid" ? "valid" : "BAD_SIGNATURE";
    tally.same(`${test.tcId}`, verified.ok ? "valid" : verified.fault, wanted);
  },

  async aes(tally, test, group) {
    const [key, iv, aad, msg] = ["key", "iv", "aad", "msg"].map((name) => bytesOf(test, name)) as Four;
    const sealed = join(bytesOf(test, "ct"), bytesOf(test, "tag"));
    const act = async () => decrypt(await aeadKey(key, "decrypt"), iv, aad, sealed);
    if (!isOfSuiteSize(group)) {
      tally.check(`${test.tcId} is refused by size`, await refuses(act));
      return;
    }
    const opened = await act();
    if (test["result"] === "valid") {
      const again = await encrypt(await aeadKey(key, "encrypt"), iv, aad, msg);
      const both = opened.ok && sameBytes(opened.value, msg) && sameBytes(again, sealed);
      tally.check(`${test.tcId} opens and seals`, both);
    } else {
      tally.check(`${test.tcId} does not open`, !opened.ok && opened.fault === "CANNOT_OPEN");
    }
  },

  async hkdf(tally, test) {
    const [ikm, salt, info] = ["ikm", "salt", "info"].map((name) => bytesOf(test, name)) as Four;
    const size = Number(test["size"]);
    if (test["result"] === "valid") {
      const whole = await hkdf(ikm, salt, info, size);
      const steps = await expand(await extract(salt, ikm), info, size);
      tally.same(`${test.tcId}`, `${hex(whole)} ${hex(steps)}`, `${test["okm"]} ${test["okm"]}`);
    } else {
      tally.check(`${test.tcId} is refused`, await refuses(() => hkdf(ikm, salt, info, size)));
    }
  },

  async hmac(tally, test) {
    const tag = bytesOf(test, "tag");
    const whole = await hmac(bytesOf(test, "key"), bytesOf(test, "msg"));
    const right = sameBytes(whole.slice(0, tag.length), tag);
    tally.same(`${test.tcId}`, right, test["result"] === "valid");
  },

  async pbkdf2(tally, test) {
    const [iterations, length] = [Number(test["iterationCount"]), Number(test["dkLen"])];
    const [password, salt] = [bytesOf(test, "password"), bytesOf(test, "salt")];
    tally.same(`${test.tcId}`, hex(await pbkdf2("SHA-256", password, salt, iterations, length)), test["dk"]);
  },
};

type Four = [Bytes, Bytes, Bytes, Bytes];

function isOfSuiteSize(group: Group): boolean {
  return group.keySize === 256 && group.ivSize === 96;
}

function bytesOf(test: Case, name: string): Bytes {
  return unhex(test[name] as string);
}

function field(text = ""): Bytes {
  return fromBase64Url(text);
}

function pointOf(key: Key): Bytes {
  return join(u8(4), field(key.x), field(key.y));
}
