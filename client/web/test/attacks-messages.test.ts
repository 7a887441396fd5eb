// SPDX-License-Identifier: Apache-2.0
// What a service or a member could do to messages on their way. Each time the same steps without the attack succeed.
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Bytes, newMsgId } from "../src/ids.ts";
import { join, slice } from "../src/e2r/bytes.ts";
import { disclose, MESSAGE_LABEL, openDisclosed } from "../src/e2r/disclosure.ts";
import type { Fault } from "../src/e2r/fault.ts";
import { generateAccountKeys, generateUserKeys } from "../src/e2r/keys.ts";
import { accountMaker } from "../src/e2r/making/account.ts";
import { DeviceChain } from "../src/e2r/making/device-chain.ts";
import { conversationMaker } from "../src/e2r/making/conversation.ts";
import { newDevice, offerDevice } from "../src/e2r/making/devices.ts";
import {
  FIRST_PLACE,
  type MadeMessage,
  messageMaker,
  openMessage,
  type Sender,
} from "../src/e2r/making/messages.ts";
import { decodeEnvelope, encodeEnvelope, encodeHeader, type Envelope } from "../src/e2r/records/envelope.ts";
import { MESSAGE_PADDED_MAX, pad, unpad } from "../src/e2r/records/padding.ts";
import { seal } from "../src/e2r/seal.ts";
import { Secret } from "../src/e2r/secret.ts";
import { newest } from "../src/e2r/verify/account-chain.ts";
import { messageHash } from "../src/e2r/verify/hashes.ts";
import { messageBytes, verifyDisclosure, verifyEnvelope } from "../src/e2r/verify/messages.ts";
import {
  accountsOf,
  active,
  actor,
  assertFault,
  conversationOf,
  fault,
  flipped,
  keyFor,
  NOW,
  person,
  type Person,
  sender,
  text,
  value,
} from "./attacks-people.ts";

const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

/** The same signature in its other form: (r, n − s). */
function mirrored(signature: Bytes): Bytes {
  const s = ORDER - BigInt(`0x${Buffer.from(slice(signature, 32)).toString("hex")}`);
  return join(slice(signature, 0, 32), Buffer.from(s.toString(16).padStart(64, "0"), "hex"));
}

async function scene() {
  const [alice, bob] = await Promise.all([person(), person()]);
  const made = await conversationOf([alice, bob]);
  const accounts = accountsOf(alice, bob);
  const key = await keyFor(bob, made);
  const from = sender(alice, made.link);
  const send = (content: string, after?: MadeMessage) => {
    const place =
      after === undefined ? FIRST_PLACE : { seq: after.envelope.header.seq + 1, prev: after.hash };
    return messageMaker.content(from, made.key, place, text(content), 60);
  };
  const receive = (envelope: Envelope) => openMessage(envelope, made.conversation, made.link, accounts, key);
  return { alice, bob, made, accounts, key, from, send, receive };
}

/** Signs a changed message anew, as only its sender could: to see what the seal alone holds. */
async function signedAgain(from: Sender, header: Envelope["header"], body: Bytes): Promise<Envelope> {
  const bytes = await messageBytes(from.epoch.hash, header, body);
  return { header, body, signature: await from.keys.signing.sign("msg", bytes) };
}

test("no bit of a message can be changed", async () => {
  const { send, receive, accounts, made } = await scene();
  const { bytes } = await send("hello");
  assert.deepEqual(value(await receive(value(decodeEnvelope(bytes)))), text("hello"));
  const faults = new Map<Fault, number>();
  for (let at = 0; at < bytes.length; at++) {
    const reading = decodeEnvelope(flipped(bytes, at, 1 << (at % 8)));
    const found = fault(
      reading.ok ? await verifyEnvelope(reading.value, made.conversation, made.link, accounts) : reading,
    );
    assert.ok(found, `byte ${at}`);
    faults.set(found, (faults.get(found) ?? 0) + 1);
    if (at >= 130) {
      assert.equal(found, "BAD_SIGNATURE", `byte ${at}`);
    }
  }
  console.log(
    `shown: ts-message-flips bytes=${bytes.length} accepted=0 faults=${[...faults.keys()].join(",")}`,
  );
});

test("an altered lifetime, epoch or number is refused, even if the sender's own key signed it again", async () => {
  const { send, receive, from } = await scene();
  const { envelope } = await send("hello");
  value(await receive(await signedAgain(from, envelope.header, envelope.body)));
  for (const [over, expected, sealed] of [
    [{ ttlS: 0 }, "BAD_SIGNATURE", "CANNOT_OPEN"],
    [{ epoch: 2 }, "WRONG_CONTEXT", "WRONG_CONTEXT"],
    [{ seq: 2, prev: new Uint8Array(32).fill(1) }, "BAD_SIGNATURE", "CANNOT_OPEN"],
    [{ msgId: newMsgId() }, "BAD_SIGNATURE", "CANNOT_OPEN"],
  ] as const) {
    const header = { ...envelope.header, ...over };
    assertFault(await receive({ ...envelope, header }), expected);
    assertFault(await receive(await signedAgain(from, header, envelope.body)), sealed);
  }
});

test("a message of one conversation is none of another", async () => {
  const { alice, bob, accounts, send, receive } = await scene();
  const { envelope } = await send("hello");
  value(await receive(envelope));
  const other = await conversationOf([alice, bob]);
  const key = await keyFor(bob, other);
  const receiveThere = (it: Envelope) => openMessage(it, other.conversation, other.link, accounts, key);
  assertFault(await receiveThere(envelope), "WRONG_CONTEXT");
  const renamed = { ...envelope, header: { ...envelope.header, conversation: other.conversation } };
  assertFault(await receiveThere(renamed), "BAD_SIGNATURE");
  const signed = await signedAgain(sender(alice, other.link), renamed.header, renamed.body);
  assertFault(await receiveThere(signed), "CANNOT_OPEN");
});

test("a fork of the epoch cannot read what the other half writes", async () => {
  const { alice, bob, made, accounts, send, receive } = await scene();
  const { envelope } = await send("hello");
  value(await receive(envelope));
  // The same first epoch, but for its time: another hash, though the number is the same.
  const roster = [active(alice, "admin"), active(bob)];
  const change = { reason: "created" as const, roster, previousKey: undefined };
  const start = { ...made.chain, links: [] };
  const fork = await conversationMaker.nextEpoch(start, actor(alice), change, accounts, NOW + 1);
  const there = await openMessage(envelope, made.conversation, fork.link, accounts, made.key);
  assertFault(there, "BAD_SIGNATURE");
});

test("what a member sends in another's name, or an outsider in any, is refused", async () => {
  const { alice, bob, made, receive, key } = await scene();
  const mallory = await person();
  const as = (by: Person, uid = by.uid): Sender => ({ uid, keys: by.device, epoch: made.link });
  const from = async (it: Sender) => {
    return fault(await receive((await messageMaker.content(it, key, FIRST_PLACE, text("hi"))).envelope));
  };
  assert.equal(await from(as(bob)), undefined);
  assert.equal(await from(as(bob, alice.uid)), "NOT_A_SIGNER");
  const stolenName = { ...as(bob, alice.uid), keys: { ...bob.device, device: alice.device.device } };
  assert.equal(await from(stolenName), "BAD_SIGNATURE");
  assert.equal(await from(as(mallory)), "NOT_A_SIGNER");
  // A device that no root of the account has signed.
  const ghost = { uid: alice.uid, keys: await newDevice(), epoch: made.link };
  assert.equal(await from(ghost), "NOT_A_SIGNER");
});

test("a device that came later sends, but not one of a reset that somebody faked", async () => {
  const { alice, bob, made, send } = await scene();
  const { envelope } = await send("keep me");
  const remove = async (keys: Sender["keys"], account: Person["account"]) => {
    const from = { uid: alice.uid, keys, epoch: made.link };
    const tombstone = await messageMaker.tombstone(from, FIRST_PLACE, envelope.header.msgId);
    const accounts = new Map([...accountsOf(bob), [alice.uid, account] as const]);
    return fault(await verifyEnvelope(tombstone.envelope, made.conversation, made.link, accounts));
  };
  const { statement } = newest(alice.account).record;
  const second = await newDevice();
  const offer = await offerDevice(second, statement);
  const added = await accountMaker.addDevices(
    alice.account,
    alice.ark.keys,
    alice.aek.secret,
    [offer],
    NOW + 1,
  );
  assert.equal(await remove(alice.device, alice.account), undefined);
  assert.equal(await remove(second, added.chain), undefined);

  // Anybody can state a reset for which nobody vouches. It changes the account, not what was there before.
  const [root, key] = await Promise.all([generateAccountKeys(), generateUserKeys()]);
  const faked = await offerDevice(second, { ...statement, arkPub: root.keys.publicKey });
  const reset = await accountMaker.reset(alice.account, root.keys, key, [faked], { by: "nobody" }, NOW + 1);
  assert.equal(await remove(second, reset.chain), "NOT_A_SIGNER");
  assert.equal(await remove(alice.device, reset.chain), undefined);
});

test("somebody pending does not send", async () => {
  const [alice, bob] = await Promise.all([person(), person()]);
  const accounts = accountsOf(alice, bob);
  const made = await conversationOf([alice, bob]);
  const send = async (link: typeof made.link) => {
    const sent = await messageMaker.content(sender(bob, link), made.key, FIRST_PLACE, text("hi"));
    return fault(await openMessage(sent.envelope, made.conversation, link, accounts, made.key));
  };
  assert.equal(await send(made.link), undefined);
  const roster = [
    active(alice, "admin"),
    { uid: bob.uid, role: "member" as const, state: "pending" as const },
  ];
  const change = { reason: "removed" as const, roster, previousKey: undefined };
  const next = await conversationMaker.nextEpoch(made.chain, actor(alice), change, accounts, NOW + 1);
  assert.equal(next.wraps.has(bob.uid), false);
  assert.equal(await send(next.link), "NOT_A_SIGNER");
});

test("the order of messages cannot be changed, and none is left out or shown twice unseen", async () => {
  const { send } = await scene();
  const first = await send("one");
  const second = await send("two", first);
  const third = await send("three", second);
  const arrive = (chain: DeviceChain, { envelope, hash }: MadeMessage) =>
    chain.receive(envelope.header, hash);

  const straight = new DeviceChain();
  for (const each of [first, second, third]) {
    assert.deepEqual(arrive(straight, each), { ok: true, value: { missing: 0 } });
  }
  assertFault(arrive(straight, second), "REPLAYED");

  const swapped = new DeviceChain();
  value(arrive(swapped, first));
  assert.deepEqual(arrive(swapped, third), { ok: true, value: { missing: 1 } });
  assertFault(arrive(swapped, second), "OUT_OF_ORDER");
  assertFault(arrive(swapped, second), "REPLAYED");

  const withheld = new DeviceChain();
  assert.deepEqual(arrive(withheld, third), { ok: true, value: { missing: 2 } });

  // The same number twice: the device's keys are in two places.
  const clone = await send("other two", first);
  const cloned = new DeviceChain();
  [first, second].forEach((each) => value(arrive(cloned, each)));
  assertFault(arrive(cloned, clone), "CLONED_DEVICE");
  const broken = new DeviceChain();
  [first, clone].forEach((each) => value(arrive(broken, each)));
  assertFault(arrive(broken, third), "BROKEN_CHAIN");
});

test("the same message sealed again is the same message", async () => {
  const { from, made } = await scene();
  const msgId = newMsgId();
  const seal = () => messageMaker.content(from, made.key, FIRST_PLACE, text("hi"), 0, msgId);
  const [one, again] = [await seal(), await seal()];
  assert.notDeepEqual(one.hash, again.hash);
  const chain = new DeviceChain();
  value(chain.receive(one.envelope.header, one.hash));
  assertFault(chain.receive(again.envelope.header, again.hash), "REPLAYED");
});

test("who lost its memory finds a replay by the chain that it fetches anew", async () => {
  const { send, receive } = await scene();
  const first = await send("one");
  const second = await send("two", first);
  const third = await send("three", second);
  // Everything verifies, so nothing but the chain tells that it came before.
  value(await receive(first.envelope));
  const fetched = [first, second, third].map(({ bytes }) => value(decodeEnvelope(bytes)));
  const chain = new DeviceChain();
  for (const envelope of fetched) {
    value(chain.receive(envelope.header, await messageHash(envelope.header, envelope.body)));
  }
  for (const replayed of [first, second, third]) {
    value(await receive(replayed.envelope));
    assertFault(chain.receive(replayed.envelope.header, replayed.hash), "REPLAYED");
  }
  const fourth = await send("four", third);
  value(chain.receive(fourth.envelope.header, fourth.hash));
});

test("a gap that the service names re-bases the chain; one that it hides is counted", async () => {
  const { send } = await scene();
  const row: MadeMessage[] = [];
  for (let i = 0; i < 5; i++) {
    row.push(await send(`${i}`, row.at(-1)));
  }
  const [first, , , fourth, fifth] = row as [MadeMessage, MadeMessage, MadeMessage, MadeMessage, MadeMessage];
  const named = new DeviceChain();
  value(named.receive(first.envelope.header, first.hash));
  named.rebase();
  assert.deepEqual(named.receive(fourth.envelope.header, fourth.hash), { ok: true, value: { missing: 0 } });
  assert.deepEqual(named.receive(fifth.envelope.header, fifth.hash), { ok: true, value: { missing: 0 } });
  const hidden = new DeviceChain();
  value(hidden.receive(first.envelope.header, first.hash));
  assert.deepEqual(hidden.receive(fourth.envelope.header, fourth.hash), { ok: true, value: { missing: 2 } });
  assert.equal(hidden.seq, 4);
});

test("a signature in its other form makes no other message", async () => {
  const { send, receive } = await scene();
  const { envelope, hash, bytes } = await send("hello");
  const other = { ...envelope, signature: mirrored(envelope.signature) };
  assert.notDeepEqual(encodeEnvelope(other), bytes);
  assert.deepEqual(value(await receive(envelope)), text("hello"));
  assert.deepEqual(value(await receive(other)), text("hello"));
  assert.deepEqual(await messageHash(other.header, other.body), hash);
  const chain = new DeviceChain();
  value(chain.receive(envelope.header, hash));
  assertFault(chain.receive(other.header, await messageHash(other.header, other.body)), "REPLAYED");
});

test("a report proves what was said and nothing else", async () => {
  const { alice, made, key, send } = await scene();
  const { envelope } = await send("rude");
  const { header, body } = envelope;
  const epochHash = made.link.hash;
  const message = { epochHash, header: encodeHeader(header), body };
  const onceKey = value(await disclose(key, message));
  const judge = (it: Partial<Parameters<typeof verifyDisclosure>[0]>, dsk = alice.device.signing.publicKey) =>
    verifyDisclosure({ envelope, epochHash, onceKey, ...it }, dsk);
  value(await judge({}));
  assert.deepEqual(value(unpad(value(await openDisclosed(onceKey, message)))), text("rude"));

  // Another key, from which other text might come.
  const other = new Secret(flipped(onceKey.reveal(), 0));
  assertFault(await judge({ onceKey: other }), "BAD_COMMITMENT");
  assertFault(await openDisclosed(other, message), "BAD_COMMITMENT");
  // A body that fits the other key is not what was signed.
  const forged = { ...envelope, body: join(slice(body, 0, 32), new Uint8Array(32), slice(body, 64)) };
  assertFault(await judge({ envelope: forged, onceKey: other }), "BAD_SIGNATURE");
  assertFault(await judge({ epochHash: flipped(epochHash, 0) }), "BAD_SIGNATURE");
  assertFault(await judge({}, (await person()).device.signing.publicKey), "BAD_SIGNATURE");
  const receipt = await messageMaker.receipt(sender(alice, made.link), 1);
  assertFault(await judge({ envelope: receipt.envelope }), "BAD_COMMITMENT");
});

test("a member cannot hide anything beside the content of a message", async () => {
  const { made, from, send, receive } = await scene();
  const { envelope } = await send("hello");
  const context = join(made.link.hash, encodeHeader(envelope.header));
  const receiveSealed = async (padded: Bytes) =>
    receive(await signedAgain(from, envelope.header, await seal(made.key, MESSAGE_LABEL, context, padded)));
  const padded = pad(text("hello"), MESSAGE_PADDED_MAX);
  assert.deepEqual(value(await receiveSealed(padded)), text("hello"));
  assertFault(await receiveSealed(flipped(padded, 255)), "BAD_PADDING");
  assertFault(await receiveSealed(flipped(padded, 0)), "BAD_PADDING");
  assertFault(await receiveSealed(join(padded, new Uint8Array(16))), "BAD_PADDING");
});

test("what is no envelope is nothing in an encrypted conversation", () => {
  for (const plain of [
    "",
    "hello",
    '{"kind":"text","text":"hello"}',
    '{"msg":"hi","t":"e2e"}',
    "\u0001".repeat(530),
  ]) {
    const reading = decodeEnvelope(new TextEncoder().encode(plain));
    assert.ok(!reading.ok, plain);
  }
});
