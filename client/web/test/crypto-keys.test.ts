// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { test } from "node:test";
import { utf8 } from "../src/e2r/bytes.ts";
import { unwrap, wrap } from "../src/e2r/hpke.ts";
import {
  AgreementKeys,
  agree,
  generateAccountKeys,
  generateUserKeys,
  importAgreementKeys,
  importSigningKeys,
  SigningKeys,
} from "../src/e2r/keys.ts";
import { isOnCurve } from "../src/e2r/point.ts";
import { Secret } from "../src/e2r/secret.ts";
import { isSignedBy } from "../src/e2r/verify/signatures.ts";
import {
  newConversationSecret,
  openAccountKey,
  openConversationKey,
  openSelfKey,
  openUserKey,
  revealConversationKey,
  revealUserKey,
  wrapAccountKey,
  wrapConversationKey,
  wrapSelfKey,
  wrapUserKey,
} from "../src/e2r/wraps.ts";
import type { Bytes, ConversationId, DeviceId, TenantId, Uid } from "../src/ids.ts";
import { filled, unhex } from "./checks/tally.ts";

const FAILED = { ok: false, fault: "CANNOT_OPEN" };
const MISMATCH = { ok: false, fault: "KEY_MISMATCH" };
const CONVERSATION = {
  conversation: "c0".repeat(32) as ConversationId,
  epoch: 7,
  uid: "bb".repeat(16) as Uid,
  aekGen: 3,
  hash: filled(0xe0),
};
const DEVICE = {
  tenant: "01".repeat(16) as TenantId,
  uid: "bb".repeat(16) as Uid,
  device: "d1".repeat(16) as DeviceId,
  aekGen: 3,
  recordHash: filled(0xe1),
};
const SELF = { tenant: DEVICE.tenant, uid: DEVICE.uid, kind: 1, counter: 5 };

const flipped = (bytes: Bytes, at: number) => {
  const changed = bytes.slice();
  changed[at] = (changed[at] as number) ^ 1;
  return changed;
};

test("a signature is by one key, under one name, of these bytes", async () => {
  const keys = await SigningKeys.generate();
  const bytes = utf8("signed");
  const signature = await keys.sign("msg", bytes);
  assert.equal(signature.length, 64);
  assert.ok(await isSignedBy(keys.publicKey, "msg", bytes, signature));
  assert.ok(!(await isSignedBy(keys.publicKey, "grant", bytes, signature)));
  assert.ok(!(await isSignedBy(keys.publicKey, "msg", utf8("signee"), signature)));
  assert.ok(!(await isSignedBy((await SigningKeys.generate()).publicKey, "msg", bytes, signature)));
  assert.ok(!(await isSignedBy(keys.publicKey, "msg", bytes, new Uint8Array([...signature, 0]))));
  assert.ok(!(await isSignedBy(keys.publicKey.slice(0, 64), "msg", bytes, signature)));
});

test("private keys cannot be exported, and each kind has one use", async () => {
  const [account, user] = await Promise.all([generateAccountKeys(), generateUserKeys()]);
  const signing = [await SigningKeys.generate(), account.keys];
  const agreement = [await AgreementKeys.generate(), user.keys];
  for (const { privateKey } of [...signing, ...agreement]) {
    for (const format of ["jwk", "pkcs8"] as const) {
      await assert.rejects(crypto.subtle.exportKey(format, privateKey));
    }
  }
  assert.deepEqual(
    signing.map(({ privateKey }) => privateKey.usages),
    [["sign"], ["sign"]],
  );
  assert.deepEqual(
    agreement.map(({ privateKey }) => privateKey.usages),
    [["deriveBits"], ["deriveBits"]],
  );
});

test("a private key of 96 bytes is used only with the public key it belongs to", async () => {
  const [one, other] = await Promise.all([generateUserKeys(), generateUserKeys()]);
  const bytes = one.secret.reveal();
  const point = one.keys.publicKey;
  assert.ok((await importAgreementKeys(one.secret, point)).ok);
  const mixed = new Uint8Array([...other.secret.reveal().slice(0, 32), ...bytes.slice(32)]);
  const wrong: [Bytes, Bytes][] = [
    [bytes, other.keys.publicKey],
    [other.secret.reveal(), point],
    // What MEGA's clients did not see: a private part that was exchanged under a public part that fits.
    [mixed, point],
    [flipped(bytes, 0), point],
    [flipped(bytes, 31), point],
    [flipped(bytes, 32), point],
    [flipped(bytes, 95), point],
    [new Uint8Array([...filled(0), ...bytes.slice(32)]), point],
    [new Uint8Array([...filled(0xff), ...bytes.slice(32)]), point],
    [bytes.slice(0, 95), point],
    [new Uint8Array([...bytes, 0]), point],
    [bytes, point.slice(0, 64)],
    [new Uint8Array([...filled(1), ...filled(1, 64)]), new Uint8Array([4, ...filled(1, 64)])],
  ];
  for (const [i, [secret, expected]] of wrong.entries()) {
    assert.deepEqual(await importAgreementKeys(new Secret(secret), expected), MISMATCH, `agreement ${i}`);
    assert.deepEqual(await importSigningKeys(new Secret(secret), expected), MISMATCH, `signing ${i}`);
  }
  const account = await generateAccountKeys();
  const imported = await importSigningKeys(account.secret, account.keys.publicKey);
  assert.ok(imported.ok);
  const signature = await imported.value.sign("account", bytes);
  assert.ok(await isSignedBy(account.keys.publicKey, "account", bytes, signature));
});

test("a point is 65 bytes that begin with 4, on the curve", async () => {
  const { publicKey } = await AgreementKeys.generate();
  const keys = await AgreementKeys.generate();
  assert.ok((await agree(keys, publicKey)).ok && (await isOnCurve(publicKey)));
  const even = ((publicKey[64] as number) & 1) === 0;
  const compressed = new Uint8Array([even ? 2 : 3, ...publicKey.slice(1, 33)]);
  const hybrid = new Uint8Array([even ? 6 : 7, ...publicKey.slice(1)]);
  for (const point of [compressed, hybrid, filled(0, 1), new Uint8Array([...publicKey, 0]), filled(0, 65)]) {
    assert.deepEqual(await agree(keys, point), { ok: false, fault: "MALFORMED_POINT" });
    await assert.rejects(wrap(point, filled(0), filled(0), filled(1)), /MALFORMED_POINT/);
    assert.ok(!(await isOnCurve(point)));
  }
  const aboveP = unhex("04" + "ff".repeat(32) + "01".repeat(32));
  for (const point of [flipped(publicKey, 64), new Uint8Array([4, ...filled(0, 64)]), aboveP]) {
    assert.deepEqual(await agree(keys, point), { ok: false, fault: "INVALID_POINT" });
    await assert.rejects(wrap(point, filled(0), filled(0), filled(1)), /INVALID_POINT/);
    assert.ok(!(await isOnCurve(point)));
  }
});

test("a wrap opens with its key, info and aad, and fails in one way", async () => {
  const [keys, other] = await Promise.all([AgreementKeys.generate(), AgreementKeys.generate()]);
  const [info, aad, plain] = [utf8("info"), utf8("aad"), filled(9)];
  const wrapped = await wrap(keys.publicKey, info, aad, plain);
  assert.equal(wrapped.length, 113);
  assert.deepEqual(await unwrap(keys, info, aad, wrapped), { ok: true, value: plain });
  assert.deepEqual(await unwrap(other, info, aad, wrapped), FAILED);
  assert.deepEqual(await unwrap(keys, aad, aad, wrapped), FAILED);
  assert.deepEqual(await unwrap(keys, info, info, wrapped), FAILED);
  for (let at = 0; at < wrapped.length; at++) {
    assert.deepEqual(await unwrap(keys, info, aad, flipped(wrapped, at)), FAILED, `byte ${at}`);
    assert.deepEqual(await unwrap(keys, info, aad, wrapped.slice(0, at)), FAILED, `cut to ${at}`);
  }
});

test("a conversation's key opens for its member, epoch and generation only", async () => {
  const { keys } = await generateUserKeys();
  const secret = newConversationSecret();
  const wrapped = await wrapConversationKey(secret, keys.publicKey, CONVERSATION);
  assert.equal(wrapped.length, 113);
  const key = await openConversationKey(keys, CONVERSATION, wrapped);
  assert.ok(key.ok && !key.value.extractable);
  const bytes = await revealConversationKey(keys, CONVERSATION, wrapped);
  assert.ok(bytes.ok);
  assert.deepEqual(bytes.value.reveal(), secret.reveal());
  for (const changes of [
    { conversation: "c1".repeat(32) as ConversationId },
    { epoch: 8 },
    { uid: "bc".repeat(16) as Uid },
    { aekGen: 4 },
    { hash: filled(0xe1) },
  ]) {
    const changed = { ...CONVERSATION, ...changes };
    assert.deepEqual(await openConversationKey(keys, changed, wrapped), FAILED);
  }
});

test("a conversation's key of zeros, or of another length, is none", async () => {
  const { keys } = await generateUserKeys();
  const zeros = await wrapConversationKey(new Secret(filled(0)), keys.publicKey, CONVERSATION);
  assert.deepEqual(await openConversationKey(keys, CONVERSATION, zeros), FAILED);
  await assert.rejects(
    wrapConversationKey(new Secret(filled(1, 31)), keys.publicKey, CONVERSATION),
    RangeError,
  );
});

test("a user's key opens for its device, and only if it is the one of the record", async () => {
  const dek = await AgreementKeys.generate();
  const [aek, other] = await Promise.all([generateUserKeys(), generateUserKeys()]);
  const wrapped = await wrapUserKey(aek.secret, dek.publicKey, DEVICE);
  assert.equal(wrapped.length, 177);
  const opened = await openUserKey(dek, DEVICE, aek.keys.publicKey, wrapped);
  assert.ok(opened.ok && !opened.value.privateKey.extractable);
  assert.deepEqual(await openUserKey(dek, DEVICE, other.keys.publicKey, wrapped), MISMATCH);
  const bytes = await revealUserKey(dek, DEVICE, wrapped);
  assert.ok(bytes.ok);
  assert.deepEqual(bytes.value.reveal(), aek.secret.reveal());
  for (const changes of [
    { tenant: "02".repeat(16) as TenantId },
    { uid: "bc".repeat(16) as Uid },
    { device: "d2".repeat(16) as DeviceId },
    { aekGen: 4 },
    { recordHash: filled(0xe2) },
  ]) {
    assert.deepEqual(await openUserKey(dek, { ...DEVICE, ...changes }, aek.keys.publicKey, wrapped), FAILED);
  }
});

test("no wrap is taken for one of another use", async () => {
  const dek = await AgreementKeys.generate();
  const ark = await generateAccountKeys();
  const wrapped = await wrapAccountKey(ark.secret, dek.publicKey, DEVICE);
  const opened = await openAccountKey(dek, DEVICE, ark.keys.publicKey, wrapped);
  assert.ok(opened.ok && !opened.value.privateKey.extractable);
  assert.deepEqual(await openUserKey(dek, DEVICE, ark.keys.publicKey, wrapped), FAILED);
  const { keys } = await generateUserKeys();
  const self = await wrapSelfKey(newConversationSecret(), keys.publicKey, SELF);
  assert.ok((await openSelfKey(keys, SELF, self)).ok);
  assert.deepEqual(await openSelfKey(keys, { ...SELF, counter: 6 }, self), FAILED);
  assert.deepEqual(await openSelfKey(keys, { ...SELF, kind: 2 }, self), FAILED);
  assert.deepEqual(await openConversationKey(keys, CONVERSATION, self), FAILED);
});

test("eight chains of a thousand wraps at once all open", { timeout: 120_000 }, async () => {
  const { keys } = await generateUserKeys();
  const secret = new Secret(filled(0x11));
  const seen = new Set<string>();
  let opened = 0;
  const chain = async () => {
    for (let i = 0; i < 1000; i++) {
      const wrapped = await wrapConversationKey(secret, keys.publicKey, CONVERSATION);
      seen.add(String(wrapped.slice(0, 65)));
      const key = await openConversationKey(keys, CONVERSATION, wrapped);
      opened += key.ok ? 1 : 0;
    }
  };
  await Promise.all(Array.from({ length: 8 }, chain));
  assert.equal(opened, 8000);
  assert.equal(seen.size, 8000, "each has an ephemeral key of its own");
  console.log(`shown: wraps chains=8 each=1000 opened=${opened}`);
});
