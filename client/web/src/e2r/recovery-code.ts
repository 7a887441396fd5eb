// SPDX-License-Identifier: Apache-2.0
import { type Bytes, bytesOf, type Uid } from "../ids.ts";
import { join, label, sameBytes, slice } from "./bytes.ts";
import { type Reading, read, unreadable } from "./fault.ts";
import { hkdf, sha256 } from "./hash.ts";
import { type Randomness, SECURE } from "./randomness.ts";
import { Secret } from "./secret.ts";

export const CODE_BYTES = 20;
const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const CODE_CHARACTERS = (8 * CODE_BYTES) / 5;
const CHECK_CHARACTERS = 2;
const GROUP_CHARACTERS = 4;
const LABEL = label("e2r/1/recovery-code");
const AUTH_LABEL = label("e2r/1/recovery-auth");

/** What each character that may be typed stands for: O is read as 0, I and L as 1; without regard to case. */
const VALUES = new Map<string, number>(
  [...ALPHABET, "O", "I", "L"].flatMap((character, i) => {
    const value = i < ALPHABET.length ? i : character === "O" ? 0 : 1;
    return [
      [character, value],
      [character.toLowerCase(), value],
    ];
  }),
);

/** A new recovery code, to be shown once. */
export function newRecoveryCode(): Secret {
  return newRecoveryCodeWith(SECURE);
}

export function newRecoveryCodeWith(randomness: Randomness): Secret {
  return new Secret(randomness.bytes(CODE_BYTES));
}

/** As people write it down: groups of four with hyphens between them, the last being the two check characters. */
export async function formatRecoveryCode(code: Secret): Promise<string> {
  return grouped(encode(code.reveal()) + (await checkOf(code.reveal())));
}

/** What somebody typed: BAD_RECOVERY_CODE unless it is a whole code without a typing error. */
export async function parseRecoveryCode(text: string): Promise<Reading<Secret>> {
  const values = valuesOf(text);
  if (values?.length !== CODE_CHARACTERS + CHECK_CHARACTERS) {
    return unreadable("BAD_RECOVERY_CODE");
  }
  const code = decode(values.slice(0, CODE_CHARACTERS));
  const check = values.slice(CODE_CHARACTERS).map((value) => ALPHABET[value]);
  return check.join("") === (await checkOf(code)) ? read(new Secret(code)) : unreadable("BAD_RECOVERY_CODE");
}

/** What the service is shown instead of a password's auth: it opens nothing. */
export async function recoveryAuth(code: Secret, uid: Uid, backupId: Bytes): Promise<Bytes> {
  return hkdf(code.reveal(), bytesOf(uid), join(AUTH_LABEL, backupId), 32);
}

/** Twenty bytes without check characters, as the code of a new device is shown. */
export function formatCode(bytes: Bytes): string {
  return grouped(encode(bytes));
}

/** Whether somebody typed, or scanned, the code of exactly these bytes. */
export function isCodeOf(text: string, bytes: Bytes): boolean {
  const values = valuesOf(text);
  return values?.length === CODE_CHARACTERS && sameBytes(decode(values), bytes);
}

async function checkOf(code: Bytes): Promise<string> {
  const hash = await sha256(LABEL, code);
  return encode(slice(hash, 0, 2)).slice(0, CHECK_CHARACTERS);
}

/** Five bits per character, the highest first; what is left over at the end is not written. */
function encode(bytes: Bytes): string {
  let text = "";
  let bits = 0;
  let held = 0;
  for (const byte of bytes) {
    held = ((held << 8) | byte) & 0xfff;
    bits += 8;
    for (; bits >= 5; bits -= 5) {
      text += ALPHABET[(held >>> (bits - 5)) & 31];
    }
  }
  return text;
}

function decode(values: readonly number[]): Bytes {
  const bytes = new Uint8Array(Math.floor((5 * values.length) / 8));
  let bits = 0;
  let held = 0;
  let at = 0;
  for (const value of values) {
    held = ((held << 5) | value) & 0xfff;
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      bytes[at++] = held >>> bits;
    }
  }
  return bytes;
}

function valuesOf(text: string): readonly number[] | undefined {
  const values: number[] = [];
  for (const character of text) {
    const value = VALUES.get(character);
    if (value !== undefined) {
      values.push(value);
    } else if (character !== " " && character !== "-") {
      return undefined;
    }
  }
  return values;
}

function grouped(text: string): string {
  return (text.match(new RegExp(`.{1,${GROUP_CHARACTERS}}`, "g")) as string[]).join("-");
}
