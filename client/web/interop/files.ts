// SPDX-License-Identifier: Apache-2.0
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { decodeDescriptor, encodeDescriptor, FileFaultError, openFile, sealFile } from "../src/index.ts";
import { shared } from "./each.ts";
import { bytes, hex, random, type Seeded, sha256 } from "./hex.ts";
import { type Handed, type World } from "./world.ts";

const MEBIBYTE = 1_048_576;
const LARGE = [0, 1, MEBIBYTE - 1, MEBIBYTE, MEBIBYTE + 1, 25 * MEBIBYTE];

type Opened = Awaited<ReturnType<World["opened"]>>;

interface FileItem {
  readonly descriptor: string;
  /** The sealed file, or where it is. */
  readonly sealed: string;
}

function filesOf(sizeOf: (index: number, seeded: Seeded) => number, onDisk: boolean) {
  return shared<Handed, { folder: string }, Opened, FileItem>(
    (world) =>
      Promise.resolve([
        world.handed(world.mine),
        // Who started this program says where, and clears up.
        { folder: process.argv[2] ?? "." },
      ]),
    async (world, { folder }, seeded, index) => {
      const data = random(sizeOf(index, seeded));
      const place = { conversation: world.mine.conversation, epoch: 1 };
      const file = { data: new Blob([data]), name: `file ${index} ä`, mime: "application/x-test" };
      const made = await sealFile(world.mine.key, place, file);
      const sealed = new Uint8Array(await new Response(made.stream).arrayBuffer());
      const descriptor = hex(encodeDescriptor(await made.descriptor));
      const path = join(folder, `node-${index}`);
      if (onDisk) {
        await writeFile(path, sealed);
      }
      return [{ descriptor, sealed: onDisk ? path : hex(sealed) }, `${file.name} ${await sha256(data)}`];
    },
    (world, handed) => world.opened(handed),
    async (_, { chain, key }, item) => {
      const descriptor = decodeDescriptor(bytes(item.descriptor));
      if (!descriptor.ok) {
        return descriptor.fault;
      }
      const sealed = onDisk ? new Uint8Array(await readFile(item.sealed)) : bytes(item.sealed);
      const place = { conversation: chain.conversation, epoch: 1 };
      const stream = openFile(key, place, descriptor.value, new Blob([sealed]));
      try {
        const data = new Uint8Array(await new Response(stream).arrayBuffer());
        return `${descriptor.value.name} ${await sha256(data)}`;
      } catch (error) {
        if (error instanceof FileFaultError) {
          return error.fault;
        }
        throw error;
      }
    },
  );
}

export const files = filesOf((_, seeded) => seeded.next(3000), false);
export const largeFiles = filesOf((index) => LARGE[index] as number, true);
