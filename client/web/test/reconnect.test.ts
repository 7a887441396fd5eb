// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type Client,
  type Conversation,
  decodeContent,
  DisconnectedError,
  encodeText,
  parseLink,
} from "../src/index.ts";
import type { Send } from "../src/generated/e2relay/v1/frames_pb.ts";
import { bytesOf, idOf, newMsgId } from "../src/ids.ts";
import { type FakeRelay, UNAVAILABLE } from "./fake-relay.ts";
import { clientOf, eventually, onlineClientOf, startFake } from "./bench.ts";

const texts = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, i) => `text ${from + i}`);

function heardIn(conversation: Conversation): string[] {
  const heard: string[] = [];
  conversation.listen({
    entry: (entry) => {
      const content = entry.kind === "message" ? decodeContent(entry.body) : undefined;
      if (content?.kind === "text") {
        heard.push(content.text);
      }
    },
  });
  return heard;
}

async function talk(relay: FakeRelay) {
  const alice = await onlineClientOf(relay, "alice");
  const bob = await onlineClientOf(relay, "bob");
  const ours = await alice.create();
  const theirs = await bob.join(parseLink(ours.info.link ?? "")!);
  return { alice, bob, ours, theirs, heard: heardIn(theirs) };
}

const sends = (relay: FakeRelay) => relay.requests("send").map(({ body }) => body.value as Send);
const isOnline = (client: Client) => client.state.kind === "online";

test("a message reaches the other member live", async () => {
  const { ours, heard, theirs } = await talk(await startFake());
  const receipt = await ours.send(encodeText("hello"));
  await eventually("heard", () => heard.length === 1);
  assert.deepEqual(heard, ["hello"]);
  assert.equal(theirs.cursor, receipt.seq);
  assert.deepEqual(
    theirs.info.members.map(({ subject }) => subject),
    ["alice", "bob"],
  );
});

test("a client resumes without loss or duplicate after its connection broke", async () => {
  const relay = await startFake();
  const { ours, bob, heard } = await talk(relay);
  for (const text of texts(1, 5)) {
    await ours.send(encodeText(text));
  }
  await eventually("five heard", () => heard.length === 5);
  relay.cut();
  // While everybody is away, and coming back.
  await Promise.all(texts(6, 30).map((text) => ours.send(encodeText(text))));
  relay.cut(1012);
  await ours.send(encodeText("text 31"));
  await eventually("all heard", () => heard.length >= 31 && isOnline(bob));
  assert.deepEqual(heard, texts(1, 31));
  assert.ok(relay.requests("hello").length >= 4);
});

test("a message whose answer was lost is sent again under its msg_id and stored once", async () => {
  const relay = await startFake();
  const { ours, heard } = await talk(relay);
  let cuts = 2;
  relay.cutInsteadOfAnswer = ({ body }) => body.case === "send" && cuts-- > 0;
  const msgId = newMsgId();
  const receipt = await ours.send(encodeText("once"), msgId);
  await eventually("heard", () => heard.length > 0);
  await ours.send(encodeText("after"));
  await eventually("heard both", () => heard.length > 1);
  assert.equal(receipt.duplicate, true);
  assert.deepEqual(heard, ["once", "after"]);
  const tries = sends(relay).slice(0, 3);
  assert.deepEqual(
    tries.map((send) => idOf(send.msgId)),
    [msgId, msgId, msgId],
  );
  assert.deepEqual(tries[2]?.body, tries[0]?.body);
});

test("messages keep their order when the service is busy", async () => {
  const relay = await startFake();
  const { ours, heard } = await talk(relay);
  let refusals = 3;
  relay.refuse = ({ body }) => (body.case === "send" && refusals-- > 0 ? UNAVAILABLE : undefined);
  await Promise.all(texts(1, 10).map((text) => ours.send(encodeText(text))));
  await eventually("all heard", () => heard.length === 10);
  assert.deepEqual(heard, texts(1, 10));
});

test("a refused message fails alone", async () => {
  const relay = await startFake();
  const { ours, heard } = await talk(relay);
  const differs = { code: 204, name: "DUPLICATE_DIFFERS", advice: 5 };
  relay.refuse = ({ body }) =>
    body.case === "send" && decodeText(body.value) === "text 2" ? differs : undefined;
  const results = await Promise.allSettled(texts(1, 3).map((text) => ours.send(encodeText(text))));
  assert.deepEqual(
    results.map(({ status }) => status),
    ["fulfilled", "rejected", "fulfilled"],
  );
  await eventually("heard", () => heard.length === 2);
  assert.deepEqual(heard, ["text 1", "text 3"]);
});

test("lost and repeated deliveries are repaired from the log", async () => {
  const relay = await startFake();
  const { ours, heard } = await talk(relay);
  relay.deliveries = (seq) => [0, 2, 1, 0, 3][seq % 5]!;
  for (const text of texts(1, 40)) {
    await ours.send(encodeText(text));
  }
  relay.deliveries = () => 1;
  await ours.send(encodeText("text 41"));
  await eventually("all heard", () => heard.length >= 41);
  assert.deepEqual(heard, texts(1, 41));
});

test("a close code from 4500 on is for good, one below is not", async () => {
  const relay = await startFake();
  const client = await onlineClientOf(relay, "alice");
  for (const code of [4001, 4008, 4013, 4401, 4429, 4499, 1012]) {
    const hellos = relay.requests("hello").length;
    relay.cut(code);
    await eventually(`back after ${code}`, () => relay.requests("hello").length > hellos && isOnline(client));
  }
  relay.cut(4502);
  await eventually("stopped", () => client.state.kind === "stopped");
  const { state } = client;
  assert.ok(state.kind === "stopped" && state.error instanceof DisconnectedError);
  assert.equal(state.error.closeCode, 4502);
});

test("what was written before the first connection is sent with it", async () => {
  const relay = await startFake();
  const alice = clientOf(relay, "alice");
  const conversation = await alice.create();
  const receipt = await conversation.send(encodeText("early"));
  assert.equal(relay.logOf(bytesOf(conversation.id)).length, receipt.seq);
});

test("a client begins with the newest entries and reads the earlier ones when asked", async () => {
  const relay = await startFake();
  const { ours } = await talk(relay);
  await Promise.all(texts(1, 60).map((text) => ours.send(encodeText(text))));
  const heard: number[] = [];
  const again = clientOf(relay, "bob", { recentEntries: 10 }, { entry: (_, { seq }) => heard.push(seq) });
  await eventually("heard", () => heard.length === 10);
  assert.deepEqual(
    heard,
    Array.from({ length: 10 }, (_, i) => 53 + i),
  );
  const conversation = again.conversations[0]!;
  const earlier = await conversation.earlier(45);
  assert.deepEqual(
    earlier.map(({ seq }) => seq),
    Array.from({ length: 45 }, (_, i) => 8 + i),
  );
  assert.equal(conversation.hasEarlier, true);
  assert.equal((await conversation.earlier()).length, 7);
  assert.equal(conversation.hasEarlier, false);
  assert.deepEqual(await conversation.earlier(), []);
});

test("being added to a conversation while away is found on return", async () => {
  const relay = await startFake();
  const alice = await onlineClientOf(relay, "alice");
  const bob = await onlineClientOf(relay, "bob");
  const live = await alice.create([await alice.user("bob")]);
  await eventually("live", () => bob.conversations.length === 1);
  bob.stop();
  await alice.create([await alice.user("bob")]);
  const back = await onlineClientOf(relay, "bob");
  assert.equal(back.conversations.length, 2);
  assert.ok(back.conversations.some(({ id }) => id === live.id));
});

test("a change of members is seen by its entry alone", async () => {
  const relay = await startFake();
  const { ours, theirs } = await talk(relay);
  relay.hints = false;
  await ours.addMembers([idOf(new Uint8Array(16).fill(3))]);
  await eventually("seen", () => theirs.info.members.length === 3);
  assert.equal(theirs.info.epoch, ours.info.epoch);
});

test("who leaves hears nothing more, and the others see it", async () => {
  const relay = await startFake();
  const { bob, ours, theirs, heard } = await talk(relay);
  await bob.leave(theirs);
  await ours.send(encodeText("gone?"));
  assert.equal(theirs.removed, true);
  assert.equal(bob.conversations.length, 0);
  await eventually("seen", () => ours.info.members.length === 1);
  assert.deepEqual(heard, []);
});

function decodeText(send: Send): string {
  const content = decodeContent(send.body);
  return content.kind === "text" ? content.text : "";
}

test("of several addresses the next is tried when one does not answer or goes away", async () => {
  const first = await startFake();
  const second = await startFake();
  const nobody = "ws://127.0.0.1:1/v1/connect";
  const client = await onlineClientOf(first, "alice", { url: [nobody, first.url, second.url] });
  assert.equal(first.requests("hello").length, 1);
  first.cut(1012);
  await eventually("online elsewhere", () => second.requests("hello").length === 1 && isOnline(client));
  assert.equal(first.requests("hello").length, 1);
});
