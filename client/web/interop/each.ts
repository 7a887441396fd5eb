// SPDX-License-Identifier: Apache-2.0
import { type Fault, type Reading } from "../src/index.ts";
import { Seeded } from "./hex.ts";
import type { Given, Made, Operation } from "./operations.ts";
import type { World } from "./world.ts";

/** An item, and what opening it gives. */
export type One<Item> = readonly [item: Item, expected: string];

/** An operation on items that have nothing in common. */
export function each<Item>(
  make: (world: World, random: Seeded, index: number) => Promise<One<Item>>,
  open: (world: World, item: Item) => Promise<string>,
): Operation {
  return shared(
    () => Promise.resolve([null, null]),
    (world, _, random, index) => make(world, random, index),
    () => Promise.resolve(null),
    (world, _, item: Item) => open(world, item),
  );
}

/** An operation on items that have something in common: as it is sent, and as each side holds it. */
export function shared<Sent, Own, Theirs, Item>(
  begin: (world: World) => Promise<readonly [sent: Sent, own: Own]>,
  make: (world: World, own: Own, random: Seeded, index: number) => Promise<One<Item>>,
  receive: (world: World, sent: Sent) => Promise<Theirs>,
  open: (world: World, theirs: Theirs, item: Item) => Promise<string>,
): Operation {
  return {
    async make(world: World, count: number, seed: number): Promise<Made> {
      const [sent, own] = await begin(world);
      const random = new Seeded(seed);
      const items: Item[] = [];
      const expected: string[] = [];
      for (let i = 0; i < count; i++) {
        const [item, result] = await make(world, own, random, i);
        items.push(item);
        expected.push(result);
      }
      return { shared: sent, items, expected };
    },
    async open(world: World, given: Given): Promise<readonly string[]> {
      const theirs = await receive(world, given.shared);
      const results: string[] = [];
      for (const item of given.items as readonly Item[]) {
        results.push(await open(world, theirs, item));
      }
      return results;
    },
  };
}

export function outcome<T>(
  reading: Reading<T> | { readonly ok: false; readonly fault: Fault },
  text: (value: T) => string,
): string {
  return reading.ok ? text(reading.value) : reading.fault;
}
