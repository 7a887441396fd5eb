// SPDX-License-Identifier: Apache-2.0
// What the tests share: a fake service, clients of it, and waiting for facts.
import { after } from "node:test";
import { WebSocket } from "ws";
import { Client, type ClientListener, type ClientOptions, newDeviceId, type Socket } from "../src/index.ts";
import { FakeRelay, tokenOf } from "./fake-relay.ts";

const WITHIN_MS = 10_000;

export const socket = (url: string, subprotocol: string) =>
  new WebSocket(url, [subprotocol]) as unknown as Socket;

/** Resolves as soon as the fact holds; fails when it never does. */
export async function eventually(what: string, fact: () => boolean): Promise<void> {
  const deadline = performance.now() + WITHIN_MS;
  while (!fact()) {
    if (performance.now() > deadline) {
      throw new Error(`never happened: ${what}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

export async function startFake(): Promise<FakeRelay> {
  const relay = new FakeRelay();
  await relay.start();
  after(() => relay.stop());
  return relay;
}

/** A started client of this user; stopped when the test ends. */
export function clientOf(
  relay: FakeRelay,
  subject: string,
  more: Partial<ClientOptions> = {},
  listener: ClientListener = {},
): Client {
  const client = new Client({
    url: relay.url,
    deviceId: newDeviceId(),
    token: () => Promise.resolve(tokenOf(subject)),
    socket,
    answerWithinMs: 5_000,
    backoffFirstMs: 5,
    backoffMostMs: 20,
    ...more,
  });
  after(() => client.stop());
  client.listen(listener);
  client.start();
  return client;
}

export async function onlineClientOf(
  relay: FakeRelay,
  subject: string,
  more?: Partial<ClientOptions>,
): Promise<Client> {
  const client = clientOf(relay, subject, more);
  await eventually(`${subject} is online`, () => client.state.kind === "online" && client.ready);
  return client;
}
