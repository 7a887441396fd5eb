// SPDX-License-Identifier: Apache-2.0
// What a service or a member could do to a conversation's members and keys. Each time there is a control.
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Bytes, type ConversationId, idOf, randomBytes, type Uid } from "../src/ids.ts";
import type { Fault } from "../src/e2r/fault.ts";
import {
  generateAccountKeys,
  generateUserKeys,
  sealKey,
  type SealKey,
  type SigningKeys,
} from "../src/e2r/keys.ts";
import { accountMaker } from "../src/e2r/making/account.ts";
import {
  conversationMaker,
  HISTORY_LABEL,
  historyContext,
  type MadeConversation,
  type RosterMember,
} from "../src/e2r/making/conversation.ts";
import { newDevice, offerDevice } from "../src/e2r/making/devices.ts";
import { openEpoch, openGrant, openHistory, revealEpoch } from "../src/e2r/making/opening.ts";
import {
  decodeEpochRecord,
  encodeEpochRecord,
  encodeEpochStatement,
  type EpochRecord,
  type EpochStatement,
  type RosterEntry,
} from "../src/e2r/records/epoch.ts";
import { encodeGenesisStatement, type GenesisStatement } from "../src/e2r/records/genesis.ts";
import { encodeGrantStatement, type Grant } from "../src/e2r/records/grant.ts";
import { seal } from "../src/e2r/seal.ts";
import { Secret } from "../src/e2r/secret.ts";
import { type AccountChain, newest } from "../src/e2r/verify/account-chain.ts";
import { epochAt, extendEpochChain, newestEpoch, startEpochChain } from "../src/e2r/verify/epoch-chain.ts";
import { verifyGrant } from "../src/e2r/verify/grants.ts";
import { conversationIdOf, epochHash, grantHash, keyCommitment } from "../src/e2r/verify/hashes.ts";
import { verifySignature } from "../src/e2r/verify/signatures.ts";
import { wrapConversationKey } from "../src/e2r/wraps.ts";
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

/** The next epoch with no change but these, as whoever has the key signs it. Nothing is checked. */
async function forged(
  made: Pick<MadeConversation, "chain">,
  over: Partial<EpochStatement>,
  dsk: SigningKeys,
  name = "epoch",
): Promise<EpochRecord> {
  const link = newestEpoch(made.chain);
  assert.ok(link);
  const { epoch } = link.record.statement;
  const statement: EpochStatement = {
    ...link.record.statement,
    epoch: epoch + 1,
    prevHash: link.hash,
    reason: "periodic",
    createdMs: NOW + 1,
    ...over,
  };
  return { statement, signature: await dsk.sign(name, encodeEpochStatement(statement)) };
}

function entry({ uid, account }: Person, over: Partial<RosterEntry> = {}): RosterEntry {
  const { record, hash } = newest(account);
  const { seq, aekGen } = record.statement;
  return { uid, role: "member", state: "active", account: { seq, hash, aekGen }, ...over };
}

const sorted = (...entries: readonly RosterEntry[]) => [...entries].sort((a, b) => (a.uid < b.uid ? -1 : 1));

const by = ({ uid, device, account }: Person) => ({
  rotatorUid: uid,
  rotatorDevice: device.device,
  accountSeq: newest(account).record.statement.seq,
});

async function scene(settings = {}) {
  const [alice, bob, mallory] = await Promise.all([person(), person(), person()]);
  const made = await conversationOf([alice, bob], settings);
  const accounts = accountsOf(alice, bob, mallory);
  const extend = async (record: EpochRecord, all: Parameters<typeof extendEpochChain>[2] = accounts) =>
    fault(await extendEpochChain(made.chain, record, all));
  return { alice, bob, mallory, made, accounts, extend };
}

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

test("a member who gives others another key is found out", async () => {
  const { alice, bob, mallory, made, accounts } = await scene();
  const roster = sorted(entry(alice, { role: "admin" }), entry(bob), entry(mallory));
  const [left, right] = [new Secret(randomBytes(32)), new Secret(randomBytes(32))];
  const key = await sealKey(left.reveal());
  const { conversation } = made;
  const record = await forged(
    made,
    { roster, ...by(alice), keyCommitment: await keyCommitment(key, conversation, 2) },
    alice.device.signing,
  );
  const chain = value(await extendEpochChain(made.chain, record, accounts));
  const link = newestEpoch(chain);
  assert.ok(link);
  const wrapFor = (who: Person, secret: Secret) =>
    wrapConversationKey(secret, who.aek.keys.publicKey, {
      conversation,
      epoch: 2,
      uid: who.uid,
      aekGen: 1,
      hash: link.hash,
    });
  value(await openEpoch(link, recipient(bob), await wrapFor(bob, left)));
  const split = await openEpoch(link, recipient(mallory), await wrapFor(mallory, right));
  assert.ok(!split.ok && split.fault === "BAD_COMMITMENT");
  // The record goes along, to show anybody which key she committed to.
  assert.equal(split.evidence, record);
  const evidence = split.evidence as EpochRecord;
  const dsk = alice.device.signing.publicKey;
  value(await verifySignature(dsk, "epoch", encodeEpochStatement(evidence.statement), evidence.signature));
  assertFault(await openEpoch(link, recipient(mallory), await wrapFor(bob, left)), "CANNOT_OPEN");
  const zero = await wrapFor(bob, new Secret(new Uint8Array(32)));
  assertFault(await openEpoch(link, recipient(bob), zero), "CANNOT_OPEN");
});

test("an entry that names a record I never made is found before anything is opened", async () => {
  const { alice, bob, made, accounts } = await scene();
  const open = async (it: RosterEntry) => {
    const roster = sorted(entry(alice, { role: "admin" }), it);
    const secret = new Secret(randomBytes(32));
    const key = await sealKey(secret.reveal());
    const over = { roster, ...by(alice), keyCommitment: await keyCommitment(key, made.conversation, 2) };
    const record = await forged(made, over, alice.device.signing);
    const link = newestEpoch(value(await extendEpochChain(made.chain, record, accounts)));
    assert.ok(link);
    const what = { conversation: made.conversation, epoch: 2, uid: bob.uid, aekGen: 1, hash: link.hash };
    return openEpoch(link, recipient(bob), await wrapConversationKey(secret, bob.aek.keys.publicKey, what));
  };
  const right = entry(bob);
  assert.equal(fault(await open(right)), undefined);
  const { seq, hash, aekGen } = right.account as NonNullable<RosterEntry["account"]>;
  for (const account of [
    { seq, hash: flipped(hash, 0), aekGen },
    { seq: seq + 1, hash, aekGen },
  ]) {
    const ghost = await open({ ...right, account });
    assert.ok(!ghost.ok && ghost.fault === "GHOST_KEY" && ghost.evidence !== undefined);
  }
  assert.equal(fault(await open({ ...right, account: { seq, hash, aekGen: 2 } })), "CANNOT_OPEN");
});

test("a wrap opens where it belongs and nowhere else", async () => {
  const { alice, bob, made } = await scene();
  const wrap = made.wraps.get(bob.uid) as Bytes;
  value(await openEpoch(made.link, recipient(bob), wrap));
  assertFault(await openEpoch(made.link, recipient(bob), made.wraps.get(alice.uid) as Bytes), "CANNOT_OPEN");
  const other = await conversationOf([alice, bob]);
  assertFault(await openEpoch(other.link, recipient(bob), wrap), "CANNOT_OPEN");
  const faults = new Set<Fault | undefined>();
  for (let at = 0; at < wrap.length; at++) {
    faults.add(fault(await openEpoch(made.link, recipient(bob), flipped(wrap, at))));
  }
  for (const length of [0, 64, 65, 80, 112]) {
    faults.add(fault(await openEpoch(made.link, recipient(bob), wrap.slice(0, length))));
  }
  assert.deepEqual([...faults], ["CANNOT_OPEN"]);
});

test("a history link to another key convicts whoever signed it", async () => {
  const { alice, bob, made, accounts } = await scene();
  const secret = value(await revealEpoch(made.link, recipient(alice), made.wraps.get(alice.uid) as Bytes));
  const key = await sealKey(randomBytes(32));
  const walk = async (linked: Bytes, sealedUnder: SealKey = key, label = HISTORY_LABEL) => {
    const context = historyContext(made.conversation, 2);
    const over = {
      ...by(bob),
      keyCommitment: await keyCommitment(key, made.conversation, 2),
      histLink: await seal(sealedUnder, label, context, linked),
    };
    const record = await forged(made, over, bob.device.signing);
    return openHistory(value(await extendEpochChain(made.chain, record, accounts)), 2, key);
  };
  const right = await walk(secret.reveal());
  assert.deepEqual([...right.keys.keys()], [2, 1]);
  assert.equal(right.stopped, undefined);
  const other = await walk(randomBytes(32));
  assert.deepEqual([...other.keys.keys()], [2]);
  assert.equal(other.stopped?.fault, "BAD_COMMITMENT");
  assert.equal((other.stopped?.evidence as EpochRecord).statement.rotatorUid, bob.uid);
  assert.equal((await walk(new Uint8Array(32))).stopped?.fault, "CANNOT_OPEN");
  assert.equal((await walk(secret.reveal(), await sealKey(randomBytes(32)))).stopped?.fault, "CANNOT_OPEN");
  assert.equal((await walk(secret.reveal(), key, "e2r/1/filekey")).stopped?.fault, "CANNOT_OPEN");
});

test("a grant of another key, by another, or for another epoch gives nothing", async () => {
  const { alice, bob, mallory, made, accounts } = await scene({ history: "from-join" });
  const change = {
    reason: "added" as const,
    roster: [active(alice, "admin"), active(bob), active(mallory)],
    previousKey: undefined,
  };
  const { chain } = await conversationMaker.nextEpoch(made.chain, actor(alice), change, accounts, NOW + 1);
  const epoch = epochAt(chain, 1);
  assert.ok(epoch);
  const wrap = made.wraps.get(bob.uid) as Bytes;
  const grant = async (key: Secret, nowMs: number) => {
    const granting = { epoch, key, grantee: mallory.account, kind: "shared" as const };
    return conversationMaker.grant(chain, actor(bob), granting, accounts, nowMs);
  };
  const right = await grant(value(await revealEpoch(epoch, recipient(bob), wrap)), NOW);
  value(await openGrant(chain, right.grant, accounts, recipient(mallory), right.wrap));

  const wrong = await grant(new Secret(randomBytes(32)), NOW + 1);
  const opened = await openGrant(chain, wrong.grant, accounts, recipient(mallory), wrong.wrap);
  assert.ok(!opened.ok && opened.fault === "BAD_COMMITMENT" && opened.evidence === wrong.grant);
  assertFault(await openGrant(chain, right.grant, accounts, recipient(mallory), wrong.wrap), "CANNOT_OPEN");
  // A wrap is not signed, so the service can put one of its own there: no more comes of it.
  const { conversation } = made;
  const what = { conversation, epoch: 1, uid: mallory.uid, aekGen: 1, hash: right.hash };
  const aekPub = mallory.aek.keys.publicKey;
  const served = await wrapConversationKey(new Secret(randomBytes(32)), aekPub, what);
  assertFault(await openGrant(chain, right.grant, accounts, recipient(mallory), served), "BAD_COMMITMENT");

  const { statement, signature } = right.grant;
  const check = async (over: Partial<Grant["statement"]>, dsk = bob.device.signing, name = "grant") => {
    const changed = { ...statement, ...over };
    const signed = await dsk.sign(name, encodeGrantStatement(changed));
    return fault(await verifyGrant(chain, { statement: changed, signature: signed }, accounts));
  };
  assert.equal(await check({}), undefined);
  const other = await conversationOf([alice, bob]);
  assert.equal(await check({ conversation: other.conversation }), "WRONG_CONTEXT");
  assert.equal(await check({ epoch: 2 }), "WRONG_CONTEXT");
  assert.equal(await check({ epoch: 3 }), "WRONG_CONTEXT");
  assert.equal(await check({ epochHash: randomBytes(32) }), "WRONG_CONTEXT");
  const outsider = await person();
  assert.equal(await check({ granterUid: outsider.uid }), "NOT_A_SIGNER");
  assert.equal(await check({ granterDevice: mallory.device.device }), "NOT_A_SIGNER");
  assert.equal(await check({ granterSeq: 2 }), "NOT_A_SIGNER");
  assert.equal(await check({}, alice.device.signing), "BAD_SIGNATURE");
  assert.equal(await check({}, bob.device.signing, "epoch"), "BAD_SIGNATURE");
  assert.equal(await check({ granteeUid: outsider.uid }), "NOT_ALLOWED");
  assert.equal(await check({ kind: "rewrapped" }), "NOT_ALLOWED");
  assert.equal(await check({ kind: "rewrapped", granteeUid: alice.uid }), undefined);
  const late = { ...statement, createdMs: NOW + 1 };
  assertFault(await verifyGrant(chain, { statement: late, signature }, accounts), "BAD_SIGNATURE");
  assert.notDeepEqual(await grantHash(late), right.hash);
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
