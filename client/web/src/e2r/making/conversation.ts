// SPDX-License-Identifier: Apache-2.0
import { type Bytes, bytesOf, type ConversationId, type Uid } from "../../ids.ts";
import { join, u32 } from "../bytes.ts";
import type { DeviceKeys } from "../key-store.ts";
import { sealKey, type SealKey } from "../keys.ts";
import { type Randomness, SECURE } from "../randomness.ts";
import {
  encodeEpochStatement,
  type EpochReason,
  type EpochRecord,
  type EpochStatement,
  type RosterEntry,
  type RosterRole,
} from "../records/epoch.ts";
import { encodeGenesisStatement, type Genesis, type GenesisStatement } from "../records/genesis.ts";
import { encodeGrantStatement, type Grant, type GrantStatement } from "../records/grant.ts";
import { sealWith } from "../seal.ts";
import type { Secret } from "../secret.ts";
import { type AccountChain, type Accounts, newest } from "../verify/account-chain.ts";
import {
  type EpochChain,
  type EpochLink,
  entryOf,
  extendEpochChain,
  newestEpoch,
  startEpochChain,
} from "../verify/epoch-chain.ts";
import { verifyGrant } from "../verify/grants.ts";
import { conversationIdOf, grantHash, keyCommitment } from "../verify/hashes.ts";
import { newConversationSecretWith, wrapConversationKeyWith } from "../wraps.ts";

export const HISTORY_LABEL = "e2r/1/hist";

/** Who makes something: a device, and the account of the user whose it is. */
export interface Actor {
  readonly keys: DeviceKeys;
  readonly account: AccountChain;
}

/** What a conversation is to be. */
export type ConversationSettings = Pick<
  GenesisStatement,
  "type" | "history" | "addPolicy" | "rewrap" | "initialTtlS"
> & { readonly predecessor?: Bytes };

/** Somebody in the next roster. Who has no account yet is pending. */
export interface RosterMember {
  readonly uid: Uid;
  readonly role: RosterRole;
  readonly state: RosterEntry["state"];
}

/** An epoch that was just made, verified like anybody else's: its record, and its key for each active member. */
export interface MadeEpoch {
  readonly chain: EpochChain;
  readonly link: EpochLink;
  readonly key: SealKey;
  readonly wraps: ReadonlyMap<Uid, Bytes>;
}

export interface MadeConversation extends MadeEpoch {
  readonly conversation: ConversationId;
  readonly genesis: Genesis;
}

/** What changes with the next epoch. */
export interface EpochChange {
  readonly reason: EpochReason;
  readonly roster: readonly RosterMember[];
  /** The key until now, so that whoever gets the next one reads what was before; only where history is full. */
  readonly previousKey: Secret | undefined;
}

export interface MadeGrant {
  readonly grant: Grant;
  readonly hash: Bytes;
  readonly wrap: Bytes;
}

/** The epochs' key that is given, to whom, and why. */
export interface Granting {
  readonly epoch: EpochLink;
  readonly key: Secret;
  readonly grantee: AccountChain;
  readonly kind: GrantStatement["kind"];
}

/** Makes conversations, their epochs, and grants: see conversationMaker. */
export class ConversationMaker {
  readonly #randomness: Randomness;

  constructor(randomness: Randomness) {
    this.#randomness = randomness;
  }

  /** A conversation and its first epoch. */
  async start(
    actor: Actor,
    settings: ConversationSettings,
    roster: readonly RosterMember[],
    accounts: Accounts,
    nowMs: number,
  ): Promise<MadeConversation> {
    const { record, hash } = newest(actor.account);
    const { tenant, uid, seq } = record.statement;
    const statement: GenesisStatement = {
      predecessor: new Uint8Array(32),
      ...settings,
      tenant,
      creatorUid: uid,
      creatorDevice: actor.keys.device,
      accountSeq: seq,
      accountHash: hash,
      nonce: this.#randomness.bytes(32),
      createdMs: nowMs,
    };
    const signature = await actor.keys.signing.sign("genesis", encodeGenesisStatement(statement));
    const genesis: Genesis = { statement, signature };
    const conversation = await conversationIdOf(statement);
    const chain = await startEpochChain(conversation, genesis, accounts);
    if (!chain.ok) {
      throw new RangeError(chain.fault);
    }
    const change: EpochChange = { reason: "created", roster, previousKey: undefined };
    const epoch = await this.nextEpoch(chain.value, actor, change, accounts, nowMs);
    return { ...epoch, conversation, genesis };
  }

  /** The next epoch, with a key of its own for its active members. */
  async nextEpoch(
    chain: EpochChain,
    actor: Actor,
    change: EpochChange,
    accounts: Accounts,
    nowMs: number,
  ): Promise<MadeEpoch> {
    const before = newestEpoch(chain);
    const epoch = (before?.record.statement.epoch ?? 0) + 1;
    const { conversation } = chain;
    const secret = newConversationSecretWith(this.#randomness);
    try {
      const key = await sealKey(secret.reveal());
      const { uid, seq } = newest(actor.account).record.statement;
      const statement: EpochStatement = {
        conversation,
        epoch,
        prevHash: before?.hash ?? chain.genesisHash,
        reason: change.reason,
        rotatorUid: uid,
        rotatorDevice: actor.keys.device,
        accountSeq: seq,
        keyCommitment: await keyCommitment(key, conversation, epoch),
        histLink: await this.#histLink(key, conversation, epoch, change.previousKey),
        roster: sorted(change.roster).map((member) => entryIn(member, before, accounts)),
        createdMs: nowMs,
      };
      const signature = await actor.keys.signing.sign("epoch", encodeEpochStatement(statement));
      const record: EpochRecord = { statement, signature };
      const extended = await extendEpochChain(chain, record, accounts);
      if (!extended.ok) {
        throw new RangeError(extended.fault);
      }
      const link = newestEpoch(extended.value) as EpochLink;
      return { chain: extended.value, link, key, wraps: await this.#wraps(link, secret, accounts) };
    } finally {
      secret.wipe();
    }
  }

  /** Gives somebody an epoch's key outside its record. */
  async grant(
    chain: EpochChain,
    actor: Actor,
    granting: Granting,
    accounts: Accounts,
    nowMs: number,
  ): Promise<MadeGrant> {
    const { epoch, grantee, kind, key } = granting;
    const to = newest(grantee);
    const by = newest(actor.account).record.statement;
    const statement: GrantStatement = {
      conversation: chain.conversation,
      epoch: epoch.record.statement.epoch,
      epochHash: epoch.hash,
      granteeUid: to.record.statement.uid,
      accountSeq: to.record.statement.seq,
      accountHash: to.hash,
      aekGen: to.record.statement.aekGen,
      kind,
      granterUid: by.uid,
      granterDevice: actor.keys.device,
      granterSeq: by.seq,
      createdMs: nowMs,
    };
    const signature = await actor.keys.signing.sign("grant", encodeGrantStatement(statement));
    const grant: Grant = { statement, signature };
    const verified = await verifyGrant(chain, grant, accounts);
    if (!verified.ok) {
      throw new RangeError(verified.fault);
    }
    const hash = await grantHash(statement);
    const { conversation, granteeUid: uid, aekGen } = statement;
    const what = { conversation, epoch: statement.epoch, uid, aekGen, hash };
    const wrap = await wrapConversationKeyWith(this.#randomness, key, to.record.statement.aekPub, what);
    return { grant, hash, wrap };
  }

  async #histLink(
    key: SealKey,
    conversation: ConversationId,
    epoch: number,
    previousKey: Secret | undefined,
  ): Promise<Bytes> {
    if (previousKey === undefined) {
      return new Uint8Array(0);
    }
    const context = historyContext(conversation, epoch);
    return sealWith(this.#randomness, key, HISTORY_LABEL, context, previousKey.reveal());
  }

  async #wraps(
    { record, hash }: EpochLink,
    secret: Secret,
    accounts: Accounts,
  ): Promise<ReadonlyMap<Uid, Bytes>> {
    const { conversation, epoch, roster } = record.statement;
    const wraps = new Map<Uid, Bytes>();
    for (const { uid, state } of roster) {
      const account = accounts.get(uid);
      if (state === "active" && account !== undefined) {
        const { aekGen, aekPub } = newest(account).record.statement;
        const what = { conversation, epoch, uid, aekGen, hash };
        wraps.set(uid, await wrapConversationKeyWith(this.#randomness, secret, aekPub, what));
      }
    }
    return wraps;
  }
}

export const conversationMaker = new ConversationMaker(SECURE);

/** What the key before this epoch's is sealed for. */
export function historyContext(conversation: ConversationId, epoch: number): Bytes {
  return join(bytesOf(conversation), u32(epoch - 1));
}

function sorted(roster: readonly RosterMember[]): readonly RosterMember[] {
  return [...roster].sort((a, b) => (a.uid < b.uid ? -1 : 1));
}

/** Whoever waits keeps the account under which the others knew them, so that a reset since then shows to everybody. */
function entryIn(member: RosterMember, before: EpochLink | undefined, accounts: Accounts): RosterEntry {
  const was = before && entryOf(before.record.statement, member.uid);
  return was !== undefined && member.state === "pending"
    ? { ...member, account: was.account }
    : newestEntry(member, accounts);
}

/** The entry names the newest record that is known, so that nobody is given a key under an older one. */
function newestEntry({ uid, role, state }: RosterMember, accounts: Accounts): RosterEntry {
  const chain = accounts.get(uid);
  if (chain === undefined) {
    return { uid, role, state, account: undefined };
  }
  const { record, hash } = newest(chain);
  const { seq, aekGen } = record.statement;
  return { uid, role, state, account: { seq, hash, aekGen } };
}
