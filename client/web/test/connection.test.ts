// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { WebSocketServer } from "ws";
import { DisconnectedError, newDeviceId, RelayError } from "../src/index.ts";
import { Connection } from "../src/connection.ts";
import { Advice } from "../src/generated/e2relay/v1/frames_pb.ts";
import { bytesOf, idOf, type ConversationId } from "../src/ids.ts";
import { FakeRelay, NOT_A_MEMBER, tokenOf } from "./fake-relay.ts";
import { clientOf, eventually, onlineClientOf, socket, startFake } from "./bench.ts";

const unknown = idOf<ConversationId>(new Uint8Array(32).fill(1));

function connectionTo(relay: FakeRelay, token = tokenOf("alice"), answerWithinMs = 5_000): Connection {
  const onEvent = () => undefined;
  return new Connection({ url: relay.url, token, deviceId: newDeviceId(), socket, answerWithinMs, onEvent });
}

test("a refusal is an error with its code, name and advice", async () => {
  const connection = connectionTo(await startFake());
  await connection.welcomed;
  const body = { case: "getConversation", value: { conversationId: bytesOf(unknown) } } as const;
  await assert.rejects(connection.request(body, "conversation"), (error: unknown) => {
    assert.ok(error instanceof RelayError);
    assert.deepEqual([error.code, error.name, error.advice], [NOT_A_MEMBER.code, "NOT_A_MEMBER", "GIVE_UP"]);
    return true;
  });
  connection.close();
});

test("answers find their requests whatever their order", async () => {
  const connection = connectionTo(await startFake());
  await connection.welcomed;
  const create = { case: "createConversation", value: {} } as const;
  const list = { case: "listConversations", value: {} } as const;
  const [made, page, alsoMade] = await Promise.all([
    connection.request(create, "conversation"),
    connection.request(list, "conversationPage"),
    connection.request(create, "conversation"),
  ]);
  assert.notDeepEqual(made.conversationId, alsoMade.conversationId);
  assert.equal(page.more, false);
  connection.close();
});

test("what was not answered when the socket closed fails with the close code", async () => {
  const relay = await startFake();
  const connection = connectionTo(relay);
  await connection.welcomed;
  relay.cutInsteadOfAnswer = ({ body }) => body.case === "listConversations";
  const asked = connection.request({ case: "listConversations", value: {} }, "conversationPage");
  await assert.rejects(
    asked,
    (error: unknown) => error instanceof DisconnectedError && error.closeCode === 1006,
  );
  const after = connection.request({ case: "listConversations", value: {} }, "conversationPage");
  await assert.rejects(after, DisconnectedError);
});

test("a service that says nothing counts as dead", async () => {
  const silent = new WebSocketServer({ port: 0, host: "127.0.0.1" });
  await once(silent, "listening");
  const { port } = silent.address() as AddressInfo;
  const connection = new Connection({
    url: `ws://127.0.0.1:${port}`,
    token: "",
    deviceId: newDeviceId(),
    socket,
    answerWithinMs: 20,
    onEvent: () => undefined,
  });
  await assert.rejects(connection.welcomed, /no Welcome in time/);
  assert.equal((await connection.closed).closeCode, 1006);
  await new Promise((resolve) => silent.close(resolve));
});

test("a refused token stops the client for good, with the refusal", async () => {
  const relay = await startFake();
  const client = clientOf(relay, "alice", { token: () => Promise.resolve("forged") });
  await eventually("stopped", () => client.state.kind === "stopped");
  const state = client.state;
  assert.ok(state.kind === "stopped" && state.error instanceof RelayError);
  assert.deepEqual([state.error.name, state.error.advice], ["TOKEN_INVALID", "REAUTH"]);
  assert.equal(relay.requests("hello").length, 1);
  await assert.rejects(client.create(), RelayError);
});

test("an expired token is replaced, and the client comes back", async () => {
  const relay = await startFake();
  let tokens = 0;
  relay.refuse = ({ body }) =>
    body.case === "hello" && tokens === 1
      ? { code: 111, name: "TOKEN_EXPIRED", advice: Advice.REAUTH }
      : undefined;
  await onlineClientOf(relay, "alice", { token: () => Promise.resolve(tokenOf("alice", tokens++)) });
  assert.equal(tokens, 2);
  const [first, second] = relay
    .requests("hello")
    .map(({ body }) => body.case === "hello" && body.value.token);
  assert.notEqual(first, second);
});

test("the token is refreshed before it expires", async () => {
  const relay = await startFake();
  relay.tokenLifeMs = 1_200;
  await onlineClientOf(relay, "alice");
  await eventually("refreshed", () => relay.requests("refreshToken").length > 0);
  assert.equal(relay.requests("hello").length, 1);
});
