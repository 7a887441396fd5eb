// SPDX-License-Identifier: Apache-2.0
// What is compared. Each side makes for the other, and opens what the other made; a result is text, or the fault.
import { backups, passwords, recoveryCodes } from "./backups.ts";
import { accounts, conversations, grants } from "./chains.ts";
import { files, largeFiles } from "./files.ts";
import { disclosures, messages, selfBlobs } from "./messages.ts";
import { devices, logins, roots, safetyNumbers, signatures, wraps } from "./primitives.ts";
import type { World } from "./world.ts";

export type Item = Readonly<Record<string, never>>;

export interface Made {
  /** What all of the items share. */
  readonly shared?: unknown;
  readonly items: readonly unknown[];
  /** What opening each of them should give. */
  readonly expected: readonly string[];
}

export interface Given {
  readonly shared: never;
  readonly items: readonly never[];
}

export interface Operation {
  make(world: World, count: number, seed: number, given: never): Promise<Made>;
  open(world: World, given: Given): Promise<readonly string[]>;
}

export const OPERATIONS: Readonly<Record<string, Operation>> = {
  wrap: wraps,
  device: devices,
  root: roots,
  signature: signatures,
  login: logins,
  safety: safetyNumbers,
  account: accounts,
  conversation: conversations,
  grant: grants,
  message: messages,
  disclosure: disclosures,
  self: selfBlobs,
  code: recoveryCodes,
  backup: backups,
  password: passwords,
  file: files,
  "large-file": largeFiles,
};
