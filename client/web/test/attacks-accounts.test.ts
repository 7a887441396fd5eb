// SPDX-License-Identifier: Apache-2.0
// What a service or a thief could do to accounts. Each time the same steps without the attack succeed.
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Bytes } from "../src/ids.ts";
import { join, slice } from "../src/e2r/bytes.ts";
import {
  generateAccountKeys,
  generateUserKeys,
  importAgreementKeys,
  importSigningKeys,
  type SigningKeys,
} from "../src/e2r/keys.ts";
import { accountMaker } from "../src/e2r/making/account.ts";
import { meetContact, pinContact, verifiedContact } from "../src/e2r/making/contacts.ts";
import { newDevice, offerDevice, verifyOffer } from "../src/e2r/making/devices.ts";
import {
  type AccountRecord,
  type AccountStatement,
  type Device,
  encodeAccountStatement,
} from "../src/e2r/records/account.ts";
import { Secret } from "../src/e2r/secret.ts";
import {
  type AccountChain,
  extendAccountChain,
  newest,
  possessionBytes,
  verifyAccountChain,
} from "../src/e2r/verify/account-chain.ts";
import { openUserKey, wrapUserKey } from "../src/e2r/wraps.ts";
import {
  after,
  assertFault,
  fault,
  flipped,
  HOUR,
  NOW,
  person,
  type Person,
  TENANT,
  value,
} from "./attacks-people.ts";

/** A record for what somebody states, with the keys at hand. Nothing is checked. */
async function recordOf(
  statement: AccountStatement,
  ark: SigningKeys,
  possessions: readonly Bytes[],
  continuity: AccountRecord["continuity"] = { by: "nobody" },
): Promise<AccountRecord> {
  const byRoot = await ark.sign("account", encodeAccountStatement(statement));
  return { statement, byRoot, continuity, possessions };
}

function nextOf({ account }: Person): AccountStatement {
  const { record, hash } = newest(account);
  return { ...record.statement, seq: record.statement.seq + 1, prevHash: hash, createdMs: NOW + 1 };
}

const possessionsOf = ({ account }: Person) => newest(account).record.possessions;

async function deviceWith(statement: AccountStatement, addedSeq: number) {
  const keys = await newDevice();
  const offer = await offerDevice(keys, statement);
  const { deviceId, dskPub, dekPub, possession } = offer;
  const device: Device = { deviceId, dskPub, dekPub, addedSeq, addedMs: NOW };
  return { keys, device, possession };
}

test("a device that the account's root did not sign is in no account", async () => {
  const alice = await person();
  const statement: AccountStatement = { ...nextOf(alice), kind: "device-added" };
  const ghost = await deviceWith(statement, 2);
  const rows = [
    { device: statement.devices[0] as Device, possession: possessionsOf(alice)[0] as Bytes },
    ghost,
  ].sort((a, b) => (a.device.deviceId < b.device.deviceId ? -1 : 1));
  const devices = rows.map(({ device }) => device);
  const possessions = rows.map(({ possession }) => possession);
  const withGhost = { ...statement, devices };
  value(await extendAccountChain(alice.account, await recordOf(withGhost, alice.ark.keys, possessions)));
  // The service has no root; a thief of a device has that device's key only.
  const server = await generateAccountKeys();
  for (const [signer, over, expected] of [
    [server.keys, {}, "BAD_SIGNATURE"],
    [alice.device.signing, {}, "BAD_SIGNATURE"],
    [server.keys, { arkPub: server.keys.publicKey }, "BAD_SIGNATURE"],
  ] as const) {
    const forged = await recordOf({ ...withGhost, ...over }, signer, possessions);
    assertFault(await extendAccountChain(alice.account, forged), expected);
  }
  // With proofs for the other root, too, it is a reset that calls itself something else.
  const arkPub = server.keys.publicKey;
  const own = await deviceWith({ ...withGhost, arkPub }, 2);
  const alone = { ...statement, arkPub, devices: [own.device] };
  const forged = await recordOf(alone, server.keys, [own.possession]);
  assertFault(await extendAccountChain(alice.account, forged), "RULE_BROKEN");
});

test("what a record of each kind may not change breaks a rule", async () => {
  const alice = await person();
  const next = nextOf(alice);
  const [other, root] = await Promise.all([generateUserKeys(), generateAccountKeys()]);
  const key = { aekGen: 2, aekPub: other.keys.publicKey };
  const extend = async (statement: AccountStatement, ark = alice.ark.keys) => {
    const record = await recordOf(statement, ark, possessionsOf(alice).slice(0, statement.devices.length));
    return fault(await extendAccountChain(alice.account, record));
  };
  assert.equal(await extend({ ...next, ...key, kind: "rotated" }), undefined);
  assert.equal(await extend({ ...next, ...key, kind: "device-revoked", devices: [] }), undefined);
  const device = next.devices[0] as Device;
  const broken: readonly Partial<AccountStatement>[] = [
    { kind: "rotated" },
    { kind: "rotated", aekGen: 2 },
    { kind: "rotated", aekGen: 3, aekPub: key.aekPub },
    { kind: "rotated", ...key, devices: [] },
    { kind: "rotated", ...key, devices: [{ ...device, addedMs: NOW - 1 }] },
    { kind: "device-added" },
    { kind: "device-added", ...key },
    { kind: "device-revoked", ...key },
    { kind: "device-revoked", devices: [] },
    { kind: "reset", ...key },
    { kind: "reset-vetoed", ...key },
  ];
  for (const over of broken) {
    assert.equal(
      await extend({ ...next, ...over } as AccountStatement),
      "RULE_BROKEN",
      JSON.stringify(over.kind),
    );
  }
  // A reset needs another root.
  const arkPub = root.keys.publicKey;
  const fresh = await deviceWith({ ...next, arkPub }, 2);
  const reset: AccountStatement = { ...next, ...key, kind: "reset", arkPub, devices: [fresh.device] };
  value(await extendAccountChain(alice.account, await recordOf(reset, root.keys, [fresh.possession])));
  const lateDevice = { ...fresh.device, addedSeq: 1 };
  const late = await recordOf({ ...reset, devices: [lateDevice] }, root.keys, [fresh.possession]);
  assertFault(await extendAccountChain(alice.account, late), "RULE_BROKEN");
});

test("an older, another, or a skipped record does not follow", async () => {
  const alice = await person();
  const made = await accountMaker.rotateKey(alice.account, alice.ark.keys, await generateUserKeys(), NOW + 1);
  const twin = await accountMaker.rotateKey(alice.account, alice.ark.keys, await generateUserKeys(), NOW + 1);
  const later = await accountMaker.rotateKey(made.chain, alice.ark.keys, await generateUserKeys(), NOW + 2);
  const chain = made.chain;
  const first = newest(alice.account).record;
  assert.deepEqual(value(await extendAccountChain(chain, made.record)), chain);
  value(await extendAccountChain(chain, later.record));
  assertFault(await extendAccountChain(chain, first), "ROLLED_BACK");
  assertFault(await extendAccountChain(chain, twin.record), "FORKED");
  assertFault(await extendAccountChain(alice.account, later.record), "BROKEN_CHAIN");
  assertFault(await extendAccountChain(twin.chain, later.record), "BROKEN_CHAIN");
  assertFault(await extendAccountChain(undefined, made.record), "BROKEN_CHAIN");
  assertFault(await verifyAccountChain([]), "BROKEN_CHAIN");
  const bob = await person();
  assertFault(await extendAccountChain(bob.account, first), "WRONG_CONTEXT");
});

test("a key that is another's, or in two places, is refused", async () => {
  const [alice, bob] = await Promise.all([person(), person()]);
  const first = newest(alice.account).record;
  const device = first.statement.devices[0] as Device;
  const check = async (over: Partial<AccountStatement>, possessions: readonly Bytes[]) => {
    const record = await recordOf({ ...first.statement, ...over }, alice.ark.keys, possessions);
    return fault(await extendAccountChain(undefined, record));
  };
  const own = await alice.device.signing.sign("dev-pop", possessionBytes(first.statement, device));
  assert.equal(await check({}, [own]), undefined);
  // Bob's device under Alice's name: nobody but Bob can show that it has those keys.
  const bobs = newest(bob.account).record;
  const copied = { ...(bobs.statement.devices[0] as Device) };
  assert.equal(await check({ devices: [copied] }, bobs.possessions), "BAD_SIGNATURE");
  assert.equal(await check({ devices: [copied] }, [own]), "BAD_SIGNATURE");
  const dskPub = first.statement.arkPub;
  const reused = { ...device, dskPub };
  const proof = await alice.ark.keys.sign("dev-pop", possessionBytes(first.statement, reused));
  assert.equal(await check({ devices: [reused] }, [proof]), "KEY_REUSED");
  assert.equal(await check({ aekPub: device.dekPub }, [own]), "KEY_REUSED");
  // The proof of one account is none for another.
  const elsewhere = { ...first.statement, uid: bob.uid };
  assertFault(await verifyOffer({ ...device, possession: own }, elsewhere), "BAD_SIGNATURE");
  value(await verifyOffer({ ...device, possession: own }, first.statement));
});

test("only who had the account vouches for its reset", async () => {
  const alice = await person();
  const [root, key] = await Promise.all([generateAccountKeys(), generateUserKeys()]);
  const arkPub = root.keys.publicKey;
  const fresh = await deviceWith({ ...nextOf(alice), arkPub }, 2);
  const reset: AccountStatement = {
    ...nextOf(alice),
    kind: "reset",
    arkPub,
    aekGen: 2,
    aekPub: key.keys.publicKey,
    devices: [fresh.device],
  };
  const tbs = encodeAccountStatement(reset);
  const extend = async (continuity: AccountRecord["continuity"]) =>
    fault(
      await extendAccountChain(
        alice.account,
        await recordOf(reset, root.keys, [fresh.possession], continuity),
      ),
    );
  const deviceId = alice.device.device;
  const byOld = await alice.ark.keys.sign("account-cont", tbs);
  const byNew = await root.keys.sign("account-cont", tbs);
  const byDevice = await alice.device.signing.sign("account-cont", tbs);
  assert.equal(await extend({ by: "nobody" }), undefined);
  assert.equal(await extend({ by: "root", signature: byOld }), undefined);
  assert.equal(await extend({ by: "device", deviceId, signature: byDevice }), undefined);
  assert.equal(await extend({ by: "root", signature: byNew }), "BAD_SIGNATURE");
  assert.equal(await extend({ by: "device", deviceId, signature: byNew }), "BAD_SIGNATURE");
  const signature = await fresh.keys.signing.sign("account-cont", tbs);
  assert.equal(await extend({ by: "device", deviceId: fresh.keys.device, signature }), "NOT_A_SIGNER");
  const wrongName = await alice.ark.keys.sign("account", tbs);
  assert.equal(await extend({ by: "root", signature: wrongName }), "BAD_SIGNATURE");
});

test("a thief's reset is undone by the root before it for a day, and by nobody else", async () => {
  const alice = await person();
  const [root, key, device] = await Promise.all([generateAccountKeys(), generateUserKeys(), newDevice()]);
  const offer = await offerDevice(device, { tenant: TENANT, uid: alice.uid, arkPub: root.keys.publicKey });
  const by = { by: "device", keys: alice.device } as const;
  const reset = await accountMaker.reset(alice.account, root.keys, key, [offer], by, NOW + HOUR);
  const veto = async (ark: SigningKeys, over: Partial<AccountStatement>) => {
    const next = nextOf({ ...alice, account: reset.chain });
    const first = newest(alice.account).record;
    const { keys } = await generateUserKeys();
    const statement: AccountStatement = {
      ...next,
      kind: "reset-vetoed",
      arkPub: ark.publicKey,
      aekGen: 3,
      aekPub: keys.publicKey,
      devices: first.statement.devices,
      createdMs: NOW + 2 * HOUR,
      ...over,
    };
    const possessions = first.possessions.slice(0, statement.devices.length);
    return fault(await extendAccountChain(reset.chain, await recordOf(statement, ark, possessions)));
  };
  const own = alice.ark.keys;
  assert.equal(await veto(own, {}), undefined);
  assert.equal(await veto(own, { devices: [] }), undefined);
  assert.equal(await veto(own, { createdMs: NOW + 25 * HOUR }), undefined);
  assert.equal(await veto(own, { createdMs: NOW + 25 * HOUR + 1 }), "RULE_BROKEN");
  assert.equal(await veto(own, { aekGen: 2 }), "RULE_BROKEN");
  const { devices } = newest(alice.account).record.statement;
  const changed = devices.map((it) => ({ ...it, addedMs: it.addedMs + 1 }));
  assert.equal(await veto(own, { devices: changed }), "RULE_BROKEN");
  assert.equal(await veto((await generateAccountKeys()).keys, { devices: [] }), "RULE_BROKEN");
});

test("what is known of a contact never changes silently", async () => {
  const alice = await person();
  const contact = verifiedContact(pinContact(alice.account));
  const rotated = await accountMaker.rotateKey(
    alice.account,
    alice.ark.keys,
    await generateUserKeys(),
    NOW + 1,
  );
  const control = meetContact(contact, rotated.chain);
  assert.ok(control.ok && control.contact.verified && !control.rootChanged);

  // A reset: accepted, but said, and the mark is gone.
  const [root, key, device] = await Promise.all([generateAccountKeys(), generateUserKeys(), newDevice()]);
  const offer = await offerDevice(device, { tenant: TENANT, uid: alice.uid, arkPub: root.keys.publicKey });
  const reset = await accountMaker.reset(alice.account, root.keys, key, [offer], { by: "nobody" }, NOW + 1);
  const news = meetContact(contact, reset.chain);
  assert.ok(news.ok && news.rootChanged && !news.contact.verified);
  assert.deepEqual(
    news.changes.map(({ statement }) => statement.kind),
    ["reset"],
  );

  // Undone meanwhile: the root is the same, and still both are told.
  const vetoed = await accountMaker.vetoReset(reset.chain, alice.ark.keys, await generateUserKeys(), NOW + 2);
  const both = meetContact(contact, vetoed.chain);
  assert.ok(both.ok && !both.rootChanged && both.changes.length === 2);

  // Back to what was before: refused.
  const newer = { ...control.contact };
  assert.deepEqual(meetContact(newer, alice.account), { ok: false, fault: "ROLLED_BACK" });

  // Another record of the same number: refused, and both signed records are kept.
  const fork = meetContact(newer, reset.chain);
  assert.deepEqual(fork, { ok: false, fault: "FORKED", evidence: [rotated.record, reset.record] });

  // Somebody else altogether, or the same uid with keys that the service made up.
  const bob = await person();
  assert.deepEqual(meetContact(contact, bob.account), { ok: false, fault: "WRONG_CONTEXT" });
  const fake = await generateAccountKeys();
  const fakeOffer = await offerDevice(device, {
    tenant: TENANT,
    uid: alice.uid,
    arkPub: fake.keys.publicKey,
  });
  const made = await accountMaker.create(TENANT, alice.uid, fake.keys, key, [fakeOffer], NOW);
  const substituted = meetContact(contact, made.chain);
  assert.ok(!substituted.ok && substituted.fault === "FORKED" && substituted.evidence?.length === 2);
});

test("a private key of which one byte was altered is refused before it is used", async () => {
  const [ark, aek] = await Promise.all([generateAccountKeys(), generateUserKeys()]);
  value(await importSigningKeys(ark.secret, ark.keys.publicKey));
  value(await importAgreementKeys(aek.secret, aek.keys.publicKey));
  let refused = 0;
  for (let at = 0; at < 96; at += 1) {
    const signing = new Secret(flipped(ark.secret.reveal(), at));
    const agreement = new Secret(flipped(aek.secret.reveal(), at));
    assertFault(await importSigningKeys(signing, ark.keys.publicKey), "KEY_MISMATCH", `${at}`);
    assertFault(await importAgreementKeys(agreement, aek.keys.publicKey), "KEY_MISMATCH", `${at}`);
    refused += 2;
  }
  // Another whole pair, or d of one and the point of another.
  const other = await generateUserKeys();
  assertFault(await importAgreementKeys(other.secret, aek.keys.publicKey), "KEY_MISMATCH");
  const mixed = new Secret(join(slice(other.secret.reveal(), 0, 32), slice(aek.secret.reveal(), 32)));
  assertFault(await importAgreementKeys(mixed, aek.keys.publicKey), "KEY_MISMATCH");
  assertFault(await importAgreementKeys(new Secret(new Uint8Array(96)), aek.keys.publicKey), "KEY_MISMATCH");
  console.log(`shown: ts-altered-private-keys refused=${refused + 3}`);
});

test("a user's key that the service wrapped for my device is not taken for mine", async () => {
  const alice = await person();
  const { record, hash } = newest(alice.account);
  const { aekPub, aekGen } = record.statement;
  const what = { tenant: TENANT, uid: alice.uid, device: alice.device.device, aekGen, recordHash: hash };
  const dek = alice.device.agreement;
  const own = await wrapUserKey(alice.aek.secret, dek.publicKey, what);
  value(await openUserKey(dek, what, aekPub, own));
  const theirs = await generateUserKeys();
  const wrap = await wrapUserKey(theirs.secret, dek.publicKey, what);
  assertFault(await openUserKey(dek, what, aekPub, wrap), "KEY_MISMATCH");
});

test("a restored snapshot of the service is refused by whoever saw more", async () => {
  const alice = await person();
  let newestChain: AccountChain = alice.account;
  let now = alice;
  for (let i = 1; i <= 3; i++) {
    const key = await generateUserKeys();
    now = after(now, await accountMaker.rotateKey(now.account, now.ark.keys, key, NOW + i), key);
    newestChain = now.account;
  }
  const contact = pinContact(newestChain);
  for (let length = 1; length <= newestChain.links.length; length++) {
    const restored: AccountChain = { links: newestChain.links.slice(0, length) };
    const met = meetContact(contact, restored);
    assert.equal(fault(met), length < newestChain.links.length ? "ROLLED_BACK" : undefined);
  }
});
