// SPDX-License-Identifier: Apache-2.0
// What a service or a member could do to a conversation's members and keys. Each time there is a control.
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Bytes, type ConversationId, idOf, randomBytes, type Uid } from "../src/ids.ts";
import { generateAccountKeys, generateUserKeys, type SigningKeys } from "../src/e2r/keys.ts";
import { accountMaker } from "../src/e2r/making/account.ts";
import { conversationMaker, type RosterMember } from "../src/e2r/making/conversation.ts";
import { newDevice, offerDevice } from "../src/e2r/making/devices.ts";
import { openEpoch, openHistory } from "../src/e2r/making/opening.ts";
import {
  decodeEpochRecord,
  encodeEpochRecord,
  type EpochStatement,
  type RosterEntry,
} from "../src/e2r/records/epoch.ts";
import { encodeGenesisStatement, type GenesisStatement } from "../src/e2r/records/genesis.ts";
import { type AccountChain, newest } from "../src/e2r/verify/account-chain.ts";
import { entryOf, extendEpochChain, startEpochChain } from "../src/e2r/verify/epoch-chain.ts";
import { conversationIdOf, epochHash } from "../src/e2r/verify/hashes.ts";
import {
  accountsOf,
  active,
  actor,
  after,
  assertFault,
  conversationOf,
  fault,
  flipped,
  NOW,
  person,
  type Person,
  recipient,
  value,
} from "./attacks-people.ts";
import { by, entry, forged, scene, sorted } from "./attacks-scenes.ts";

test("a service cannot make a conversation laxer, nor its creator somebody else", async () => {
  const { alice, bob, mallory, made, accounts } = await scene();
  const { conversation, genesis } = made;
  const start = async (statement: GenesisStatement, dsk: SigningKeys, id: ConversationId = conversation) => {
    const signature = await dsk.sign("genesis", encodeGenesisStatement(statement));
    return fault(await startEpochChain(id, { statement, signature }, accounts));
  };
  const { statement } = genesis;
  const alices = alice.device.signing;
  assert.equal(await start(statement, alices), undefined);
  for (const over of [
    { addPolicy: "host" },
    { rewrap: "history" },
    { history: "from-join" },
    { creatorUid: bob.uid },
    { initialTtlS: 1 },
  ] as const) {
    assert.equal(await start({ ...statement, ...over }, alices), "WRONG_CONTEXT");
  }
  assert.equal(await start(statement, bob.device.signing), "BAD_SIGNATURE");
  const named = async (over: Partial<GenesisStatement>, dsk: SigningKeys) => {
    const other = { ...statement, ...over };
    return start(other, dsk, await conversationIdOf(other));
  };
  assert.equal(await named({ rewrap: "history" }, alices), undefined);
  assert.equal(await named({ creatorUid: mallory.uid }, mallory.device.signing), "NOT_A_SIGNER");
  assert.equal(await named({ accountHash: randomBytes(32) }, alices), "NOT_A_SIGNER");
  assert.equal(await named({ accountSeq: 2 }, alices), "NOT_A_SIGNER");
  const tenant = idOf<typeof statement.tenant>(new Uint8Array(16));
  assert.equal(await named({ tenant }, alices), "WRONG_CONTEXT");
});

test("a service cannot add a reader", async () => {
  const { alice, bob, mallory, made, extend } = await scene();
  const roster = sorted(entry(alice, { role: "admin" }), entry(bob), entry(mallory));
  const bobs = bob.device.signing;
  assert.equal(await extend(await forged(made, { roster, ...by(bob) }, bobs)), undefined);
  const server = (await generateAccountKeys()).keys;
  assert.equal(await extend(await forged(made, { roster, ...by(bob) }, server)), "BAD_SIGNATURE");
  assert.equal(
    await extend(await forged(made, { roster, ...by(mallory) }, mallory.device.signing)),
    "NOT_A_SIGNER",
  );
  const ghost = { ...by(bob), rotatorDevice: mallory.device.device };
  assert.equal(
    await extend(await forged(made, { roster, ...ghost }, mallory.device.signing)),
    "NOT_A_SIGNER",
  );
  const unknown = { ...by(bob), accountSeq: 2 };
  assert.equal(await extend(await forged(made, { roster, ...unknown }, bobs)), "NOT_A_SIGNER");
  for (const name of ["grant", "genesis", "account", "msg", "auth"]) {
    const record = await forged(made, { roster, ...by(bob) }, bobs, name);
    assert.equal(await extend(record), "BAD_SIGNATURE", name);
  }
});

test("an epoch stays where it belongs", async () => {
  const { alice, bob, made, accounts, extend } = await scene({ history: "from-join" });
  const dsk = bob.device.signing;
  const next = (over: Partial<EpochStatement> = {}) => forged(made, { ...by(bob), ...over }, dsk);
  assert.equal(await extend(await next()), undefined);
  const other = await conversationOf([alice, bob]);
  assert.equal(await extend(await next({ conversation: other.conversation })), "WRONG_CONTEXT");
  assert.equal(await extend(await next({ histLink: new Uint8Array(112) })), "RULE_BROKEN");
  assert.equal(await extend(await next({ epoch: 3 })), "BROKEN_CHAIN");
  assert.equal(await extend(await next({ prevHash: randomBytes(32) })), "BROKEN_CHAIN");
  const first = made.link.record.statement;
  const twin = { epoch: 1, reason: "created" as const, prevHash: first.prevHash };
  assert.equal(await extend(await next(twin)), "FORKED");
  const chain = value(await extendEpochChain(made.chain, await next(), accounts));
  assertFault(await extendEpochChain(chain, made.link.record, accounts), "ROLLED_BACK");
  assertFault(await extendEpochChain(chain, await next({ createdMs: NOW + 2 }), accounts), "FORKED");
  assert.deepEqual(value(await extendEpochChain(chain, await next(), accounts)), chain);
});

test("who adds and who rises is what the conversation allows", async () => {
  for (const [addPolicy, expected] of [
    ["any-member", undefined],
    ["admins", "NOT_ALLOWED"],
    ["host", undefined],
  ] as const) {
    const { alice, bob, mallory, made, extend } = await scene({ addPolicy });
    const admin = entry(alice, { role: "admin" });
    const change = async (who: Person, ...entries: readonly RosterEntry[]) =>
      extend(await forged(made, { roster: sorted(...entries), ...by(who) }, who.device.signing));
    assert.equal(await change(bob, admin, entry(bob), entry(mallory)), expected, addPolicy);
    const pending = entry(mallory, { state: "pending", account: undefined });
    assert.equal(await change(bob, admin, entry(bob), pending), expected, addPolicy);
    assert.equal(await change(alice, admin, entry(bob), entry(mallory)), undefined);
    assert.equal(await change(bob, admin, entry(bob, { role: "admin" })), "NOT_ALLOWED");
    assert.equal(await change(alice, admin, entry(bob, { role: "admin" })), undefined);
    const asAdmin = entry(mallory, { role: "admin" });
    assert.equal(await change(bob, admin, entry(bob), asAdmin), "NOT_ALLOWED");
    assert.equal(await change(alice, admin, entry(bob), asAdmin), undefined);
    assert.equal(await change(bob, entry(bob)), undefined);
    assert.equal(await change(bob, entry(alice), entry(bob)), undefined);
    assert.equal(await change(bob, entry(alice, { state: "pending" }), entry(bob)), undefined);
  }
});

test("nobody is put back to an older record of their account", async () => {
  const { alice, bob, made, accounts } = await scene();
  const key = await generateUserKeys();
  const rotated = await accountMaker.rotateKey(bob.account, bob.ark.keys, key, NOW + 1);
  const newBob = after(bob, rotated, key);
  const all = new Map([...accounts, [bob.uid, newBob.account]]);
  const roster = (it: RosterEntry) => sorted(entry(alice, { role: "admin" }), it);
  const dsk = alice.device.signing;
  const newer = await forged(made, { roster: roster(entry(newBob)), ...by(alice) }, dsk);
  const chain = value(await extendEpochChain(made.chain, newer, all));
  const extend = async (it: RosterEntry) =>
    fault(
      await extendEpochChain(chain, await forged({ chain }, { roster: roster(it), ...by(alice) }, dsk), all),
    );
  assert.equal(await extend(entry(newBob)), undefined);
  assert.equal(await extend(entry(bob)), "ROLLED_BACK");
  assert.equal(await extend(entry(bob, { state: "pending", account: undefined })), "ROLLED_BACK");
});

test("a revoked device and an account that was reset sign nothing any more", async () => {
  const { alice, bob, made, accounts } = await scene();
  // Bob revokes the device that a thief has, by another one of his.
  const second = await newDevice();
  const offered = await offerDevice(second, newest(bob.account).record.statement);
  const added = await accountMaker.addDevices(bob.account, bob.ark.keys, bob.aek.secret, [offered], NOW + 1);
  const key = await generateUserKeys();
  const gone = new Set([bob.device.device]);
  const revoked = await accountMaker.revokeDevices(added.chain, bob.ark.keys, key, gone, NOW + 2);
  const all = new Map<Uid, AccountChain>([...accounts, [bob.uid, revoked.chain]]);
  const now = { ...after(bob, revoked, key), device: second };
  const roster = sorted(entry(alice, { role: "admin" }), entry(now));
  const chain = value(
    await extendEpochChain(
      made.chain,
      await forged(made, { roster, ...by(alice) }, alice.device.signing),
      all,
    ),
  );
  const rotate = async (who: Person, over: Partial<EpochStatement> = {}) =>
    fault(
      await extendEpochChain(
        chain,
        await forged({ chain }, { roster, ...by(who), ...over }, who.device.signing),
        all,
      ),
    );
  assert.equal(await rotate(now), undefined);
  assert.equal(await rotate(bob, { accountSeq: 3 }), "NOT_A_SIGNER");
  // The thief names a record in which the device still was.
  assert.equal(await rotate(bob, { accountSeq: 2 }), "NOT_A_SIGNER");

  // A reset account does not rotate, unless nobody is left who was not reset.
  const [root, fresh, device] = await Promise.all([generateAccountKeys(), generateUserKeys(), newDevice()]);
  const offer = await offerDevice(device, {
    ...newest(bob.account).record.statement,
    arkPub: root.keys.publicKey,
  });
  const reset = await accountMaker.reset(revoked.chain, root.keys, fresh, [offer], { by: "nobody" }, NOW + 3);
  const anew = { ...after(now, reset, fresh), device };
  all.set(bob.uid, reset.chain);
  assert.equal(await rotate(anew), "NOT_A_SIGNER");
  const restart = { reason: "restarted" as const, histLink: new Uint8Array(0) };
  assert.equal(await rotate(anew, restart), "NOT_A_SIGNER");
  const aliceReset = await resetOf(alice);
  all.set(alice.uid, aliceReset.account);
  assert.equal(await rotate(anew, restart), undefined);
  assert.equal(await rotate(await person(), restart), "NOT_A_SIGNER");
});

async function resetOf(before: Person): Promise<Person> {
  const [root, key, device] = await Promise.all([generateAccountKeys(), generateUserKeys(), newDevice()]);
  const { statement } = newest(before.account).record;
  const offer = await offerDevice(device, { ...statement, arkPub: root.keys.publicKey });
  const made = await accountMaker.reset(before.account, root.keys, key, [offer], { by: "nobody" }, NOW + 5);
  return { ...after(before, made, key), device, ark: root };
}

test("when both members lost everything the conversation goes on, without what was before", async () => {
  const { alice, bob, made } = await scene();
  const [newAlice, newBob] = await Promise.all([resetOf(alice), resetOf(bob)]);
  const all = accountsOf(newAlice, newBob);
  const roster: readonly RosterMember[] = [active(newAlice, "admin"), active(newBob)];
  const change = { reason: "restarted" as const, roster, previousKey: undefined };
  const next = await conversationMaker.nextEpoch(made.chain, actor(newBob), change, all, NOW + 6);
  const open = (who: Person) => openEpoch(next.link, recipient(who), next.wraps.get(who.uid) as Bytes);
  const key = value(await open(newAlice));
  value(await open(newBob));
  const history = await openHistory(next.chain, 2, key);
  assert.deepEqual([...history.keys.keys()], [2]);
  assert.equal(history.stopped, undefined);
  const old = made.wraps.get(bob.uid) as Bytes;
  assertFault(
    await openEpoch(made.link, { account: newBob.account, keys: new Map([[1, newBob.aek.keys]]) }, old),
    "CANNOT_OPEN",
  );
});

test("whoever was reset can wait for the others to confirm it, and then gets the next key", async () => {
  const { alice, bob, made } = await scene();
  const newBob = await resetOf(bob);
  const all = accountsOf(alice, newBob);
  const previousKey = undefined;
  const waiting = [active(alice, "admin"), { ...active(bob), state: "pending" as const }];
  const change = { reason: "reset" as const, roster: waiting, previousKey };
  const lowered = await conversationMaker.nextEpoch(made.chain, actor(alice), change, all, NOW + 6);
  const kept = entryOf(lowered.link.record.statement, bob.uid);
  assert.equal(kept?.state, "pending");
  assert.deepEqual(kept?.account, entry(bob).account, "the account under which Alice knew him");
  assert.deepEqual([...lowered.wraps.keys()], [alice.uid]);
  // He signs nothing meanwhile, neither as he was nor as he is: Alice is still there.
  for (const reason of ["activated", "restarted"] as const) {
    const back = { roster: sorted(entry(alice, { role: "admin" }), entry(newBob)), reason };
    for (const [who, device] of [
      [bob, bob.device.signing],
      [newBob, newBob.device.signing],
    ] as const) {
      const over = {
        ...back,
        ...by(who),
        epoch: 3,
        prevHash: lowered.link.hash,
        histLink: new Uint8Array(0),
      };
      const record = await forged(lowered, over, device);
      assertFault(await extendEpochChain(lowered.chain, record, all), "NOT_A_SIGNER");
    }
  }
  const both = [active(alice, "admin"), active(bob)];
  const confirmed = { reason: "activated" as const, roster: both, previousKey };
  const back = await conversationMaker.nextEpoch(lowered.chain, actor(alice), confirmed, all, NOW + 7);
  value(await openEpoch(back.link, recipient(newBob), back.wraps.get(bob.uid) as Bytes));
  console.log("shown: ts-reset waiting=1 wraps_waiting=0 activated=1");
});

test("no bit of an epoch can be changed", async () => {
  const { bob, made, accounts, extend } = await scene();
  const record = await forged(made, by(bob), bob.device.signing);
  assert.equal(await extend(record), undefined);
  const bytes = encodeEpochRecord(record);
  let refused = 0;
  for (let at = 0; at < bytes.length; at++) {
    const reading = decodeEpochRecord(flipped(bytes, at, 1 << (at % 8)));
    assert.ok(!reading.ok || (await extend(reading.value, accounts)) !== undefined, `byte ${at}`);
    refused++;
  }
  assert.notDeepEqual(await epochHash(record.statement), made.link.hash);
  console.log(`shown: ts-epoch-flips bytes=${bytes.length} refused=${refused}`);
});
