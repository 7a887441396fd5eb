// SPDX-License-Identifier: Apache-2.0
// Whatever somebody prints, logs or puts into JSON: no secret is in it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";
import { DerivedPassword, newPasswordParameters } from "../src/e2r/backup.ts";
import { decodeBundle, encodeBundle } from "../src/e2r/bundle.ts";
import { utf8 } from "../src/e2r/bytes.ts";
import { FileFaultError } from "../src/e2r/files.ts";
import {
  generateAccountKeys,
  generateUserKeys,
  importAgreementKeys,
  sealKey,
  SigningKeys,
} from "../src/e2r/keys.ts";
import { parseRecoveryCode, formatRecoveryCode } from "../src/e2r/recovery-code.ts";
import { open, seal } from "../src/e2r/seal.ts";
import { Secret } from "../src/e2r/secret.ts";
import { wrapConversationKey } from "../src/e2r/wraps.ts";
import type { ConversationId, TenantId, Uid } from "../src/ids.ts";
import { filled, hex } from "./checks/tally.ts";

const CANARY = Uint8Array.from({ length: 96 }, (_, i) => (i * 37 + 11) & 0xff);
const SALTED = CANARY.slice(0, 32);
const ACCOUNT = { tenant: "01".repeat(16) as TenantId, uid: "bb".repeat(16) as Uid };

/** How bytes look in text: a piece of them is enough to be found. */
function looksOf(bytes: Uint8Array): string[] {
  const piece = bytes.slice(3, 12);
  return [
    hex(piece),
    piece.join(","),
    piece.join(", "),
    Buffer.from(bytes.slice(3, 15)).toString("base64").slice(0, 12),
    Buffer.from(piece).toString("latin1"),
  ];
}

function shows(text: string, secret: Uint8Array): boolean {
  const flat = text.replace(/\s+/g, " ");
  return looksOf(secret).some((look) => flat.toLowerCase().includes(look.toLowerCase()));
}

function textsOf(value: unknown): string[] {
  return [
    String(value),
    `${value}`,
    JSON.stringify(value) ?? "",
    inspect(value, { depth: 9, showHidden: true }),
  ];
}

function hides(value: unknown, ...secrets: Uint8Array[]): void {
  for (const text of textsOf(value)) {
    for (const secret of secrets) {
      assert.ok(!shows(text, secret), text);
    }
  }
}

test("bytes that are not guarded do show, so this test would see them", () => {
  assert.ok(shows(String(CANARY), CANARY));
  assert.ok(shows(JSON.stringify([...CANARY]), CANARY));
  assert.ok(shows(inspect({ key: CANARY }, { maxArrayLength: null }), CANARY));
  assert.ok(shows(Buffer.from(CANARY).toString("base64"), CANARY));
  assert.ok(shows(hex(CANARY), CANARY));
});

test("a secret tells how long it is and nothing else", () => {
  const secret = new Secret(CANARY.slice());
  hides(secret, CANARY);
  hides({ nested: [secret] }, CANARY);
  assert.equal(String(secret), "Secret[96 bytes]");
  assert.deepEqual(secret.reveal(), CANARY);
  secret.wipe();
  assert.deepEqual(secret.reveal(), filled(0, 96));
});

test("keys show no private part", async () => {
  const [ark, aek] = await Promise.all([generateAccountKeys(), generateUserKeys()]);
  hides(ark, ark.secret.reveal().slice(0, 32));
  hides(aek, aek.secret.reveal().slice(0, 32));
  hides(await SigningKeys.generate(), CANARY);
  hides(await sealKey(SALTED), SALTED);
  const bundle = {
    recordHash: filled(1),
    accountSeq: 1,
    ark: ark.secret,
    recoveryCode: new Secret(CANARY.slice(0, 20)),
    generations: [{ aekGen: 1, aek: aek.secret }],
  };
  const secrets = [ark.secret, aek.secret].map((secret) => secret.reveal().slice(0, 32));
  hides(bundle, ...secrets, CANARY.slice(0, 20));
  hides(decodeBundle(encodeBundle(bundle)), ...secrets, CANARY.slice(0, 20));
});

test("what came of a password shows neither it nor what is derived from it", async () => {
  const text = "a canary in the coal mine";
  const derived = await DerivedPassword.of(text, newPasswordParameters(), ACCOUNT.uid);
  assert.ok(derived.ok);
  hides(derived, derived.value.auth.reveal(), utf8(text));
  assert.ok(!textsOf(derived).join().includes("canary"));
});

test("no error carries a secret", async () => {
  const short = new Secret(CANARY.slice(0, 31));
  const what = { conversation: "c0".repeat(32) as ConversationId, epoch: 1, uid: ACCOUNT.uid, aekGen: 1 };
  const { publicKey } = (await generateUserKeys()).keys;
  const thrown = await Promise.all(
    [
      () => sealKey(CANARY),
      () => wrapConversationKey(short, publicKey, { ...what, hash: filled(1) }),
      () => wrapConversationKey(new Secret(SALTED), CANARY.slice(0, 65), { ...what, hash: filled(1) }),
      () => DerivedPassword.of(`${hex(CANARY)}\ud800`, newPasswordParameters(), ACCOUNT.uid),
      () => Promise.reject(new FileFaultError("CANNOT_OPEN")),
    ].map((act) =>
      act().then(
        () => assert.fail("nothing was thrown"),
        (error: unknown) => error,
      ),
    ),
  );
  for (const error of thrown) {
    assert.ok(error instanceof Error && !(error instanceof assert.AssertionError));
    hides(error, CANARY);
    hides(error.message + error.stack, CANARY);
  }
  hides(await importAgreementKeys(new Secret(CANARY), publicKey), CANARY);
  hides(
    await open(
      await sealKey(SALTED),
      "e2r/1/msg",
      filled(1),
      await seal(await sealKey(filled(1)), "e2r/1/msg", filled(1), CANARY),
    ),
    CANARY,
  );
  const code = await formatRecoveryCode(new Secret(CANARY.slice(0, 20)));
  const mistyped = await parseRecoveryCode(`${code.slice(0, -1)}*`);
  assert.deepEqual(mistyped, { ok: false, fault: "BAD_RECOVERY_CODE" });
});
