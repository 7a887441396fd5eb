// SPDX-License-Identifier: Apache-2.0
import { type Bytes, bytesOf, type Uid } from "../ids.ts";
import { utf8, join, sameBytes, u8 } from "./bytes.ts";
import { pbkdf2, sha256 } from "./hash.ts";

const SALT = utf8("e2r/1/safety-number");
const ITERATIONS = 100_000;
const HALF_BYTES = 32;
const GROUPS = 6;
const GROUP_BYTES = 5;
const GROUP_DIGITS = 5;

/** Whom a safety number is about. */
export interface Person {
  readonly uid: Uid;
  readonly arkPub: Bytes;
}

/** 60 digits, the same for both: who compares them knows that no other account stands between. */
export async function safetyNumber(one: Person, other: Person): Promise<string> {
  const halves = await Promise.all([half(one), half(other)]);
  return halves.sort().join("");
}

/** What a QR code holds for the same comparison by machine. */
export async function safetyQr(one: Person, other: Person): Promise<Bytes> {
  const [a, b] = await Promise.all([one, other].map((person) => sha256(person.arkPub, bytesOf(person.uid))));
  return inOrder(a as Bytes, b as Bytes);
}

/** Whether a scanned code is the one expected. */
export async function isSafetyQr(scanned: Bytes, one: Person, other: Person): Promise<boolean> {
  return sameBytes(scanned, await safetyQr(one, other));
}

async function half(person: Person): Promise<string> {
  const input = join(person.arkPub, bytesOf(person.uid));
  const bytes = await pbkdf2("SHA-512", input, SALT, ITERATIONS, HALF_BYTES);
  let digits = "";
  for (let group = 0; group < GROUPS; group++) {
    const number = bytes
      .subarray(group * GROUP_BYTES, (group + 1) * GROUP_BYTES)
      .reduce((value, byte) => value * 256 + byte, 0);
    digits += String(number % 10 ** GROUP_DIGITS).padStart(GROUP_DIGITS, "0");
  }
  return digits;
}

function inOrder(a: Bytes, b: Bytes): Bytes {
  const i = a.findIndex((byte, at) => byte !== b[at]);
  const aFirst = i < 0 || (a[i] as number) < (b[i] as number);
  return aFirst ? join(u8(1), a, b) : join(u8(1), b, a);
}
