// SPDX-License-Identifier: Apache-2.0
// What a recipient does with the keys that others made: nothing is used before it is what was signed for.
import type { Bytes, ConversationId } from "../../ids.ts";
import { sameBytes } from "../bytes.ts";
import { type Fault, type Reading, unreadable } from "../fault.ts";
import { type AgreementKeys, readSealKey, type SealKey } from "../keys.ts";
import type { EpochRecord } from "../records/epoch.ts";
import type { Grant } from "../records/grant.ts";
import { open } from "../seal.ts";
import type { Secret } from "../secret.ts";
import { type AccountChain, type Accounts, linkAt, newest } from "../verify/account-chain.ts";
import { entryOf, epochAt, type EpochChain, type EpochLink } from "../verify/epoch-chain.ts";
import { verifyGrant } from "../verify/grants.ts";
import { grantHash, keyCommitment } from "../verify/hashes.ts";
import { type ConversationWrap, revealConversationKey } from "../wraps.ts";
import { HISTORY_LABEL, historyContext } from "./conversation.ts";

/** Me: my own records, and my keys by generation. */
export interface Recipient {
  readonly account: AccountChain;
  readonly keys: ReadonlyMap<number, AgreementKeys>;
}

/**
 * The signed record that what was opened does not keep to. It shows anybody which key was committed to. Wraps are not
 * signed, so a wrong one is the signer's or the service's; a wrong history link is signed, so it is the signer's.
 */
export type Evidence = EpochRecord | Grant;

/** What was opened; or why not, with the evidence if there is any. */
export type Opening<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly fault: Fault; readonly evidence?: Evidence };

/** The keys of a row of epochs, from the newest backwards, and why it went no further back, if that was not the end. */
export interface History {
  readonly keys: ReadonlyMap<number, SealKey>;
  readonly stopped:
    { readonly epoch: number; readonly fault: Fault; readonly evidence: Evidence } | undefined;
}

/** The key of an epoch of a verified chain: GHOST_KEY, CANNOT_OPEN, BAD_COMMITMENT. */
export async function openEpoch(link: EpochLink, me: Recipient, wrap: Bytes): Promise<Opening<SealKey>> {
  const revealed = await revealEpoch(link, me, wrap);
  return revealed.ok ? useAndWipe(revealed.value) : revealed;
}

/** The same as bytes, for the moment in which the key is wrapped for somebody or linked to the next one. */
export async function revealEpoch(link: EpochLink, me: Recipient, wrap: Bytes): Promise<Opening<Secret>> {
  const { statement } = link.record;
  const { uid } = newest(me.account).record.statement;
  const account = entryOf(statement, uid)?.account;
  if (account === undefined) {
    return unreadable("CANNOT_OPEN");
  }
  const mine = linkAt(me.account, account.seq);
  if (mine === undefined || !sameBytes(mine.hash, account.hash)) {
    return { ...unreadable("GHOST_KEY"), evidence: link.record };
  }
  const { conversation, epoch } = statement;
  const what = { conversation, epoch, uid, aekGen: account.aekGen, hash: link.hash };
  return reveal(link, me, what, wrap, link.record);
}

/** The key that a grant gives, of an epoch of a verified chain. */
export async function openGrant(
  chain: EpochChain,
  grant: Grant,
  accounts: Accounts,
  me: Recipient,
  wrap: Bytes,
): Promise<Opening<SealKey>> {
  const link = await verifyGrant(chain, grant, accounts);
  if (!link.ok) {
    return link;
  }
  const { conversation, epoch, granteeUid, aekGen } = grant.statement;
  const { uid } = newest(me.account).record.statement;
  if (granteeUid !== uid) {
    return unreadable("CANNOT_OPEN");
  }
  const what = { conversation, epoch, uid, aekGen, hash: await grantHash(grant.statement) };
  const revealed = await reveal(link.value, me, what, wrap, grant);
  return revealed.ok ? useAndWipe(revealed.value) : revealed;
}

/** Goes back from an epoch as far as its key leads; each key is compared with what was committed to. */
export async function openHistory(chain: EpochChain, epoch: number, key: SealKey): Promise<History> {
  const keys = new Map([[epoch, key]]);
  let current = key;
  for (let at = epoch; at > 1; at--) {
    const link = epochAt(chain, at);
    const before = epochAt(chain, at - 1);
    const evidence = link?.record;
    if (evidence === undefined || before === undefined || evidence.statement.histLink.length === 0) {
      break;
    }
    const context = historyContext(chain.conversation, at);
    const opened = await open(current, HISTORY_LABEL, context, evidence.statement.histLink);
    const previous = opened.ok ? await readSealKey(opened.value) : opened;
    if (opened.ok) {
      opened.value.fill(0);
    }
    if (!previous.ok) {
      return { keys, stopped: { epoch: at - 1, fault: previous.fault, evidence } };
    }
    if (!(await isCommitted(before, chain.conversation, previous.value))) {
      return { keys, stopped: { epoch: at - 1, fault: "BAD_COMMITMENT", evidence } };
    }
    current = previous.value;
    keys.set(at - 1, current);
  }
  return { keys, stopped: undefined };
}

async function reveal(
  link: EpochLink,
  me: Recipient,
  what: ConversationWrap,
  wrap: Bytes,
  evidence: Evidence,
): Promise<Opening<Secret>> {
  const aek = me.keys.get(what.aekGen);
  const secret = aek === undefined ? unreadable("CANNOT_OPEN") : await revealConversationKey(aek, what, wrap);
  const key = secret.ok ? await readSealKey(secret.value.reveal()) : secret;
  if (!secret.ok || !key.ok) {
    return unreadable("CANNOT_OPEN");
  }
  if (await isCommitted(link, what.conversation, key.value)) {
    return secret;
  }
  secret.value.wipe();
  return { ...unreadable("BAD_COMMITMENT"), evidence };
}

async function isCommitted(link: EpochLink, conversation: ConversationId, key: SealKey): Promise<boolean> {
  const { epoch, keyCommitment: expected } = link.record.statement;
  return sameBytes(await keyCommitment(key, conversation, epoch), expected);
}

async function useAndWipe(secret: Secret): Promise<Reading<SealKey>> {
  const key = await readSealKey(secret.reveal());
  secret.wipe();
  return key;
}
