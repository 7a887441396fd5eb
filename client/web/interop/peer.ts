// SPDX-License-Identifier: Apache-2.0
// One end of the comparison of both languages: a line of JSON with what to do comes in, the answer goes out.
import { createInterface } from "node:readline";
import { OPERATIONS } from "./operations.ts";
import { World } from "./world.ts";

interface Command {
  readonly do: "offer" | "meet" | "begin" | "know" | "make" | "open";
  readonly operation: string;
  readonly count: number;
  readonly seed: number;
  readonly given: never;
}

const world = await World.create();

async function answer(command: Command): Promise<unknown> {
  switch (command.do) {
    case "offer":
      return world.offer();
    case "meet":
      return world.meet(command.given);
    case "begin":
      return world.begin(command.given);
    case "know":
      return world.know(command.given);
    case "make":
      return operation(command).make(world, command.count, command.seed, command.given);
    case "open":
      return operation(command).open(world, command.given);
  }
}

function operation(command: Command) {
  const found = OPERATIONS[command.operation];
  if (found === undefined) {
    throw new Error(`no operation ${command.operation}`);
  }
  return found;
}

for await (const line of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
  try {
    console.log(JSON.stringify({ answer: (await answer(JSON.parse(line) as Command)) ?? null }));
  } catch (error) {
    console.log(JSON.stringify({ error: String(error instanceof Error ? error.stack : error) }));
  }
}
