// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Bytes } from "../src/ids.ts";
import type { DeviceKeys } from "../src/e2r/key-store.ts";
import { generateAccountKeys, generateUserKeys } from "../src/e2r/keys.ts";
import { accountMaker } from "../src/e2r/making/account.ts";
import { meetContact, pinContact, verifiedContact } from "../src/e2r/making/contacts.ts";
import { conversationMaker } from "../src/e2r/making/conversation.ts";
import { newDevice, offerDevice, verifyOffer } from "../src/e2r/making/devices.ts";
import { FIRST_PLACE, messageMaker, openMessage } from "../src/e2r/making/messages.ts";
import { openEpoch, openGrant, openHistory, revealEpoch } from "../src/e2r/making/opening.ts";
import { openSelfBlob, selfMaker } from "../src/e2r/making/self-blobs.ts";
import { decodeAccountRecord, encodeAccountRecord } from "../src/e2r/records/account.ts";
import { decodeEnvelope, readUpToOf, targetOf } from "../src/e2r/records/envelope.ts";
import { decodeEpochRecord, encodeEpochRecord } from "../src/e2r/records/epoch.ts";
import { decodeGrant, encodeGrant } from "../src/e2r/records/grant.ts";
import { decodeSelfBlob, encodeSelfBlob } from "../src/e2r/records/self.ts";
import { newest, verifyAccountChain } from "../src/e2r/verify/account-chain.ts";
import { epochAt } from "../src/e2r/verify/epoch-chain.ts";
import { openUserKey } from "../src/e2r/wraps.ts";
import {
  accountsOf,
  active,
  actor,
  after,
  assertFault,
  conversationOf,
  HOUR,
  keyFor,
  NOW,
  person,
  recipient,
  sender,
  TENANT,
  text,
  value,
} from "./attacks-people.ts";

const accountOf = ({ uid, ark }: Awaited<ReturnType<typeof person>>) => ({
  tenant: TENANT,
  uid,
  arkPub: ark.keys.publicKey,
});

test("an account goes through all that can happen to it, and each device opens each key", async () => {
  let alice = await person();
  const second = await newDevice();
  const offer = await offerDevice(second, accountOf(alice));
  value(await verifyOffer(offer, accountOf(alice)));
  const opens = async (keys: DeviceKeys, made: Awaited<ReturnType<typeof accountMaker.create>>) => {
    const { aekGen, aekPub } = made.record.statement;
    const what = { tenant: TENANT, uid: alice.uid, device: keys.device, aekGen, recordHash: made.hash };
    return openUserKey(keys.agreement, what, aekPub, made.wraps.get(keys.device) as Bytes);
  };

  const added = await accountMaker.addDevices(
    alice.account,
    alice.ark.keys,
    alice.aek.secret,
    [offer],
    NOW + 1,
  );
  alice = after(alice, added);
  value(await opens(alice.device, added));
  value(await opens(second, added));

  const third = await generateUserKeys();
  const rotated = await accountMaker.rotateKey(alice.account, alice.ark.keys, third, NOW + 2);
  alice = after(alice, rotated, third);
  value(await opens(second, rotated));
  assertFault(await opens(second, { ...rotated, hash: added.hash }), "CANNOT_OPEN");

  const fourth = await generateUserKeys();
  const gone = new Set([second.device]);
  const revoked = await accountMaker.revokeDevices(alice.account, alice.ark.keys, fourth, gone, NOW + 3);
  alice = after(alice, revoked, fourth);
  assert.deepEqual([...revoked.wraps.keys()], [alice.device.device]);

  for (const [by, continuity] of [
    [{ by: "nobody" }, "nobody"],
    [{ by: "root", ark: alice.ark.keys }, "root"],
    [{ by: "device", keys: alice.device }, "device"],
  ] as const) {
    const [root, key] = await Promise.all([generateAccountKeys(), generateUserKeys()]);
    const again = await offerDevice(alice.device, { ...accountOf(alice), arkPub: root.keys.publicKey });
    const reset = await accountMaker.reset(alice.account, root.keys, key, [again], by, NOW + 4);
    assert.equal(reset.record.continuity.by, continuity);
    value(await opens(alice.device, reset));
    const last = await generateUserKeys();
    const vetoed = await accountMaker.vetoReset(reset.chain, alice.ark.keys, last, NOW + 4 + 24 * HOUR);
    assert.deepEqual(vetoed.record.statement.devices, revoked.record.statement.devices);
    value(await opens(alice.device, vetoed));
    await assert.rejects(
      accountMaker.vetoReset(reset.chain, alice.ark.keys, last, NOW + 5 + 24 * HOUR),
      new RangeError("RULE_BROKEN"),
    );
    const bytes = vetoed.chain.links.map(({ record }) => encodeAccountRecord(record));
    const chain = value(await verifyAccountChain(bytes.map((each) => value(decodeAccountRecord(each)))));
    assert.deepEqual(newest(chain), newest(vetoed.chain));
    assert.equal(chain.links.length, 6);
  }
});

test("a second reset does not outrun the veto of the first", async () => {
  const alice = await person();
  const reset = async (chain: typeof alice.account, at: number) => {
    const [root, key, device] = await Promise.all([generateAccountKeys(), generateUserKeys(), newDevice()]);
    const offer = await offerDevice(device, { ...accountOf(alice), arkPub: root.keys.publicKey });
    return accountMaker.reset(chain, root.keys, key, [offer], { by: "nobody" }, at);
  };
  const first = await reset(alice.account, NOW + HOUR);
  const second = await reset(first.chain, NOW + 2 * HOUR);
  const key = await generateUserKeys();
  const vetoed = await accountMaker.vetoReset(second.chain, alice.ark.keys, key, NOW + 3 * HOUR);
  assert.deepEqual(vetoed.record.statement.arkPub, alice.ark.keys.publicKey);
  await assert.rejects(
    accountMaker.vetoReset(vetoed.chain, alice.ark.keys, await generateUserKeys(), NOW + 4 * HOUR),
    new RangeError("RULE_BROKEN"),
  );
});

test("members read what was sent, those who join with the history too, and only what they were given", async () => {
  const [alice, bob, carol] = await Promise.all([person(), person(), person()]);
  const all = accountsOf(alice, bob, carol);
  const made = await conversationOf([alice, bob]);
  const key = await keyFor(bob, made);
  const sent = await messageMaker.content(sender(alice, made.link), made.key, FIRST_PLACE, text("hello"));
  const arrived = value(decodeEnvelope(sent.bytes));
  assert.deepEqual(arrived, sent.envelope);
  assert.deepEqual(value(await openMessage(arrived, made.conversation, made.link, all, key)), text("hello"));

  const wrap = made.wraps.get(bob.uid) as Bytes;
  const previousKey = value(await revealEpoch(made.link, recipient(bob), wrap));
  const roster = [active(alice, "admin"), active(bob), active(carol)];
  const change = { reason: "added" as const, roster, previousKey };
  const next = await conversationMaker.nextEpoch(made.chain, actor(bob), change, all, NOW + 1);
  const record = value(decodeEpochRecord(encodeEpochRecord(next.link.record)));
  assert.deepEqual(record, next.link.record);
  const newer = value(await openEpoch(next.link, recipient(carol), next.wraps.get(carol.uid) as Bytes));
  const history = await openHistory(next.chain, 2, newer);
  assert.equal(history.stopped, undefined);
  const older = history.keys.get(1);
  assert.ok(older);
  assert.deepEqual(
    value(await openMessage(arrived, made.conversation, made.link, all, older)),
    text("hello"),
  );
  assertFault(await openMessage(arrived, made.conversation, made.link, all, newer), "CANNOT_OPEN");
});

test("a grant gives one epoch to one member", async () => {
  const [alice, bob, carol] = await Promise.all([person(), person(), person()]);
  const all = accountsOf(alice, bob, carol);
  const made = await conversationOf([alice, bob], { history: "from-join" });
  const roster = [active(alice, "admin"), active(bob), active(carol)];
  const change = { reason: "added" as const, roster, previousKey: undefined };
  const next = await conversationMaker.nextEpoch(made.chain, actor(alice), change, all, NOW + 1);
  const epoch = epochAt(next.chain, 1);
  assert.ok(epoch);
  const wrap = made.wraps.get(bob.uid) as Bytes;
  const give = async (kind: "shared" | "rewrapped", grantee: typeof bob) => {
    const key = value(await revealEpoch(epoch, recipient(bob), wrap));
    return conversationMaker.grant(
      next.chain,
      actor(bob),
      { epoch, key, grantee: grantee.account, kind },
      all,
      NOW + 2,
    );
  };
  const { grant, wrap: granted } = await give("shared", carol);
  assert.deepEqual(value(decodeGrant(encodeGrant(grant))), grant);
  value(await openGrant(next.chain, grant, all, recipient(carol), granted));
  assertFault(await openGrant(next.chain, grant, all, recipient(alice), granted), "CANNOT_OPEN");
  await assert.rejects(give("rewrapped", carol), new RangeError("NOT_ALLOWED"));
  const again = await give("rewrapped", alice);
  value(await openGrant(next.chain, again.grant, all, recipient(alice), again.wrap));
});

test("tombstones, receipts and ephemeral messages are what they say", async () => {
  const [alice, bob] = await Promise.all([person(), person()]);
  const made = await conversationOf([alice, bob]);
  const from = sender(alice, made.link);
  const key = await keyFor(bob, made);
  const sent = await messageMaker.content(from, made.key, FIRST_PLACE, text("oops"));
  const place = { seq: 2, prev: sent.hash };
  const tombstone = await messageMaker.tombstone(from, place, sent.envelope.header.msgId);
  assert.equal(targetOf(tombstone.envelope), sent.envelope.header.msgId);
  assert.equal(readUpToOf((await messageMaker.receipt(from, 12)).envelope), 12);
  const typing = await messageMaker.ephemeral(from, made.key, text("…"));
  const accounts = accountsOf(alice, bob);
  const opened = await openMessage(typing.envelope, made.conversation, made.link, accounts, key);
  assert.deepEqual(value(opened), text("…"));
  assert.equal(tombstone.bytes.length, 130 + 16 + 64);
  assert.equal(sent.bytes.length, 530);
});

test("one device tells the others, and none goes back", async () => {
  const alice = await person();
  const owner = { tenant: TENANT, uid: alice.uid };
  const { aekPub, devices } = newest(alice.account).record.statement;
  const blob = await selfMaker.make(owner, alice.device, aekPub, "labels", 5, text("{}"));
  const stored = value(decodeSelfBlob(encodeSelfBlob(blob)));
  const open = (remembered: number) => openSelfBlob(owner, stored, devices, alice.keys.values(), remembered);
  assert.deepEqual(value(await open(5)), text("{}"));
  assertFault(await open(6), "ROLLED_BACK");
  const stranger = await person();
  const strangers = newest(stranger.account).record.statement.devices;
  assertFault(await openSelfBlob(owner, stored, strangers, alice.keys.values(), 0), "BAD_SIGNATURE");
  assertFault(await openSelfBlob(owner, stored, devices, stranger.keys.values(), 0), "CANNOT_OPEN");
  const other = { tenant: TENANT, uid: stranger.uid };
  assertFault(await openSelfBlob(other, stored, devices, alice.keys.values(), 0), "CANNOT_OPEN");
});

test("a contact that stays the same stays verified through other devices and keys", async () => {
  const alice = await person();
  const contact = verifiedContact(pinContact(alice.account));
  const same = meetContact(contact, alice.account);
  assert.ok(same.ok && same.changes.length === 0 && !same.rootChanged && same.contact.verified);
  const rotated = await accountMaker.rotateKey(
    alice.account,
    alice.ark.keys,
    await generateUserKeys(),
    NOW + 1,
  );
  const news = meetContact(contact, rotated.chain);
  assert.ok(news.ok && news.changes.length === 1 && !news.rootChanged && news.contact.verified);
});
