// SPDX-License-Identifier: Apache-2.0
// Conversations that are attacked.
import assert from "node:assert/strict";
import { type SigningKeys } from "../src/e2r/keys.ts";
import { type MadeConversation } from "../src/e2r/making/conversation.ts";
import {
  encodeEpochStatement,
  type EpochRecord,
  type EpochStatement,
  type RosterEntry,
} from "../src/e2r/records/epoch.ts";
import { newest } from "../src/e2r/verify/account-chain.ts";
import { extendEpochChain, newestEpoch } from "../src/e2r/verify/epoch-chain.ts";
import { accountsOf, conversationOf, fault, NOW, person, type Person } from "./attacks-people.ts";

/** The next epoch with no change but these, as whoever has the key signs it. Nothing is checked. */
export async function forged(
  made: Pick<MadeConversation, "chain">,
  over: Partial<EpochStatement>,
  dsk: SigningKeys,
  name = "epoch",
): Promise<EpochRecord> {
  const link = newestEpoch(made.chain);
  assert.ok(link);
  const { epoch } = link.record.statement;
  const statement: EpochStatement = {
    ...link.record.statement,
    epoch: epoch + 1,
    prevHash: link.hash,
    reason: "periodic",
    createdMs: NOW + 1,
    ...over,
  };
  return { statement, signature: await dsk.sign(name, encodeEpochStatement(statement)) };
}

export function entry({ uid, account }: Person, over: Partial<RosterEntry> = {}): RosterEntry {
  const { record, hash } = newest(account);
  const { seq, aekGen } = record.statement;
  return { uid, role: "member", state: "active", account: { seq, hash, aekGen }, ...over };
}

export const sorted = (...entries: readonly RosterEntry[]) =>
  [...entries].sort((a, b) => (a.uid < b.uid ? -1 : 1));

export const by = ({ uid, device, account }: Person) => ({
  rotatorUid: uid,
  rotatorDevice: device.device,
  accountSeq: newest(account).record.statement.seq,
});

export async function scene(settings = {}) {
  const [alice, bob, mallory] = await Promise.all([person(), person(), person()]);
  const made = await conversationOf([alice, bob], settings);
  const accounts = accountsOf(alice, bob, mallory);
  const extend = async (record: EpochRecord, all: Parameters<typeof extendEpochChain>[2] = accounts) =>
    fault(await extendEpochChain(made.chain, record, all));
  return { alice, bob, mallory, made, accounts, extend };
}
