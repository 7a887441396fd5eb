// SPDX-License-Identifier: Apache-2.0
// What a service or a member could do to a conversation's keys. Each time there is a control.
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Bytes, randomBytes } from "../src/ids.ts";
import type { Fault } from "../src/e2r/fault.ts";
import { sealKey, type SealKey } from "../src/e2r/keys.ts";
import { conversationMaker, HISTORY_LABEL, historyContext } from "../src/e2r/making/conversation.ts";
import { openEpoch, openGrant, openHistory, revealEpoch } from "../src/e2r/making/opening.ts";
import { encodeEpochStatement, type EpochRecord, type RosterEntry } from "../src/e2r/records/epoch.ts";
import { encodeGrantStatement, type Grant } from "../src/e2r/records/grant.ts";
import { seal } from "../src/e2r/seal.ts";
import { Secret } from "../src/e2r/secret.ts";
import { epochAt, extendEpochChain, newestEpoch } from "../src/e2r/verify/epoch-chain.ts";
import { verifyGrant } from "../src/e2r/verify/grants.ts";
import { grantHash, keyCommitment } from "../src/e2r/verify/hashes.ts";
import { verifySignature } from "../src/e2r/verify/signatures.ts";
import { wrapConversationKey } from "../src/e2r/wraps.ts";
import {
  active,
  actor,
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
