// SPDX-License-Identifier: Apache-2.0
// The page around the worker: passes on what is asked, and what comes back.
import { askToKeep } from "../../src/e2r/key-store.ts";

interface Asked {
  resolve(result: unknown): void;
  reject(error: Error): void;
}

const worker = new Worker("/worker.js");
const asked = new Map<number, Asked>();
/** What a job left behind for another one, here and after the page was loaded again. */
const BEFORE = "before";
let count = 0;

worker.onmessage = ({ data }: MessageEvent<{ id: number; result: unknown; error?: string }>) => {
  const one = asked.get(data.id) as Asked;
  if (data.error === undefined) {
    one.resolve(data.result);
  } else {
    one.reject(new Error(data.error));
  }
};
worker.onerror = (event) => {
  for (const one of asked.values()) {
    one.reject(new Error(event.message || "the worker did not start"));
  }
};

function ask(job: string, input: unknown): Promise<unknown> {
  return new Promise((resolve, reject) => {
    asked.set(++count, { resolve, reject });
    worker.postMessage({ id: count, job, input });
  });
}

/** Bytes as a text: public keys and sealed bytes, to be kept over a reload. */
function remember(before: Readonly<Record<string, Uint8Array>>): void {
  const texts = Object.entries(before).map(([name, bytes]) => [name, [...bytes]]);
  sessionStorage.setItem(BEFORE, JSON.stringify(Object.fromEntries(texts)));
}

function remembered(): Record<string, Uint8Array> {
  const texts = JSON.parse(sessionStorage.getItem(BEFORE) as string) as Record<string, number[]>;
  return Object.fromEntries(Object.entries(texts).map(([name, bytes]) => [name, Uint8Array.from(bytes)]));
}

async function run(job: string, input?: unknown): Promise<unknown> {
  if (job === "askToKeep") {
    return askToKeep();
  }
  const result = (await ask(job, job === "checkKeys" ? remembered() : input)) as {
    before?: Record<string, Uint8Array>;
  };
  if (result.before !== undefined) {
    remember(result.before);
    delete result.before;
  }
  return result;
}

Object.assign(window, { run });
