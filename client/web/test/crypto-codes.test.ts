// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { createHash, pbkdf2Sync } from "node:crypto";
import { test } from "node:test";
import { enrolmentCode, isEnrolmentCode } from "../src/e2r/enrolment.ts";
import { formatRecoveryCode, newRecoveryCode, parseRecoveryCode } from "../src/e2r/recovery-code.ts";
import { isSafetyQr, safetyNumber, safetyQr } from "../src/e2r/safety-number.ts";
import { Secret } from "../src/e2r/secret.ts";
import type { DeviceId, TenantId, Uid } from "../src/ids.ts";
import { filled, hex } from "./checks/tally.ts";

const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const BAD = { ok: false, fault: "BAD_RECOVERY_CODE" };

const labelled = (label: string, ...parts: Uint8Array[]) =>
  createHash("sha256")
    .update(Buffer.from([label.length]))
    .update(label)
    .update(Buffer.concat(parts))
    .digest();

/** Base32 by the definition: the bits in a row, cut by five. */
function base32(bytes: Uint8Array, characters: number): string {
  const bits = Array.from(bytes, (byte) => byte.toString(2).padStart(8, "0")).join("");
  return Array.from({ length: characters }, (_, i) => {
    return ALPHABET[Number.parseInt(bits.slice(5 * i, 5 * i + 5), 2)];
  }).join("");
}

test("a recovery code is 32 characters and two for checking, in groups of four", async () => {
  for (const bytes of [filled(0, 20), filled(0xff, 20), newRecoveryCode().reveal()]) {
    const check = base32(labelled("e2r/1/recovery-code", bytes), 2);
    const wanted = (base32(bytes, 32) + check).match(/.{1,4}/g)?.join("-");
    assert.equal(await formatRecoveryCode(new Secret(bytes)), wanted);
    const parsed = await parseRecoveryCode(wanted as string);
    assert.ok(parsed.ok);
    assert.deepEqual(parsed.value.reveal(), bytes);
  }
});

test("a recovery code may be typed as people type", async () => {
  const code = new Secret(Uint8Array.from({ length: 20 }, (_, i) => i * 8));
  const text = await formatRecoveryCode(code);
  assert.match(text, /0/);
  assert.match(text, /1/);
  for (const typed of [
    text.toLowerCase(),
    text.replaceAll("-", ""),
    ` ${text.replaceAll("-", " - ")} `,
    text.replaceAll("0", "O").replaceAll("1", "I"),
    text.replaceAll("0", "o").replaceAll("1", "l"),
    text.replaceAll("1", "i"),
    text.replaceAll("1", "L"),
  ]) {
    const parsed = await parseRecoveryCode(typed);
    assert.ok(parsed.ok, typed);
    assert.deepEqual(parsed.value.reveal(), code.reveal());
  }
});

test("a mistyped recovery code is refused", async () => {
  const text = await formatRecoveryCode(newRecoveryCode());
  assert.ok((await parseRecoveryCode(text)).ok);
  const plain = text.replaceAll("-", "");
  const wrong = [
    "",
    plain.slice(0, -1),
    `${plain}0`,
    `${plain}\n`,
    `U${plain.slice(1)}`,
    `ı${plain.slice(1)}`,
  ];
  wrong.push(plain.replace(/^./, "ſ"), `${plain}\u00a0`, "*".repeat(34));
  for (const typed of wrong) {
    assert.deepEqual(await parseRecoveryCode(typed), BAD, typed);
  }
  let refused = 0;
  const changed = [...plain].flatMap((character, at) =>
    [...ALPHABET]
      .filter((other) => other !== character)
      .map((other) => plain.slice(0, at) + other + plain.slice(at + 1)),
  );
  for (const typed of changed) {
    refused += (await parseRecoveryCode(typed)).ok ? 0 : 1;
  }
  // Ten bits find all but one in 1,024 of them.
  assert.ok(refused >= changed.length - 12, `${refused} of ${changed.length}`);
});

test("a new device is recognised by the code of all its keys", async () => {
  const device = {
    tenant: "01".repeat(16) as TenantId,
    uid: "bb".repeat(16) as Uid,
    device: "d1".repeat(16) as DeviceId,
    dskPub: filled(5, 65),
    dekPub: filled(6, 65),
  };
  const all = [filled(1, 16), filled(0xbb, 16), filled(0xd1, 16), device.dskPub, device.dekPub];
  const wanted = base32(labelled("e2r/1/enrol", ...all), 32);
  const code = await enrolmentCode(device);
  assert.equal(code, wanted.match(/.{4}/g)?.join("-"));
  assert.ok(await isEnrolmentCode(code.toLowerCase(), device));
  assert.ok(!(await isEnrolmentCode(code, { ...device, dekPub: filled(7, 65) })));
  assert.ok(!(await isEnrolmentCode(code.slice(0, -1), device)));
  assert.ok(!(await isEnrolmentCode("", device)));
});

test("a safety number is the same on both sides, and another with any other account", async () => {
  const [alice, bob] = [0xaa, 0xbb].map((byte) => ({
    uid: hex(filled(byte, 16)) as Uid,
    arkPub: filled(byte, 65),
  }));
  assert.ok(alice && bob);
  const half = (byte: number) => {
    const bytes = pbkdf2Sync(filled(byte, 81), "e2r/1/safety-number", 100_000, 32, "sha512");
    return Array.from({ length: 6 }, (_, i) => String(bytes.readUIntBE(5 * i, 5) % 100_000).padStart(5, "0"));
  };
  const number = await safetyNumber(alice, bob);
  assert.equal(number, [half(0xaa).join(""), half(0xbb).join("")].sort().join(""));
  assert.match(number, /^\d{60}$/);
  assert.equal(await safetyNumber(bob, alice), number);
  assert.notEqual(await safetyNumber(alice, { ...bob, arkPub: filled(0xbc, 65) }), number);
  assert.notEqual(await safetyNumber(alice, { ...bob, uid: alice.uid }), number);
});

test("a QR code says the same for a machine", async () => {
  const [alice, bob] = [0xaa, 0xbb].map((byte) => ({
    uid: hex(filled(byte, 16)) as Uid,
    arkPub: filled(byte, 65),
  }));
  assert.ok(alice && bob);
  const code = await safetyQr(alice, bob);
  const hashes = [0xaa, 0xbb].map((byte) => createHash("sha256").update(filled(byte, 81)).digest("hex"));
  assert.equal(hex(code), `01${hashes.sort().join("")}`);
  assert.ok(await isSafetyQr(code, bob, alice));
  assert.ok(!(await isSafetyQr(code, bob, bob)));
  assert.equal((await safetyQr(bob, bob)).length, 65);
});
