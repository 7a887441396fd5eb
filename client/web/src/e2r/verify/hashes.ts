// SPDX-License-Identifier: Apache-2.0
// The names of records: hashes of what is signed, never of a signature, which has more than one form.
import { type Bytes, bytesOf, type ConversationId, idOf } from "../../ids.ts";
import { join, label, slice, u32 } from "../bytes.ts";
import { hkdf, sha256 } from "../hash.ts";
import type { SealKey } from "../keys.ts";
import { type AccountStatement, encodeAccountStatement } from "../records/account.ts";
import { encodeHeader, type MessageHeader } from "../records/envelope.ts";
import { encodeEpochStatement, type EpochStatement } from "../records/epoch.ts";
import { encodeGenesisStatement, type GenesisStatement } from "../records/genesis.ts";
import { encodeGrantStatement, type GrantStatement } from "../records/grant.ts";

const ACCOUNT = label("e2r/1/account-record");
const CONVERSATION = label("e2r/1/conv-id");
const GENESIS = label("e2r/1/genesis");
const EPOCH = label("e2r/1/epoch");
const GRANT = label("e2r/1/grant");
const MESSAGE = label("e2r/1/msg-hash");
const COMMITMENT = label("e2r/1/epoch-commit");
const SALT_AND_COM = 64;

export function accountHash(statement: AccountStatement): Promise<Bytes> {
  return sha256(ACCOUNT, encodeAccountStatement(statement));
}

/** The id of a conversation, which nobody chooses. */
export async function conversationIdOf(statement: GenesisStatement): Promise<ConversationId> {
  return idOf<ConversationId>(await sha256(CONVERSATION, encodeGenesisStatement(statement)));
}

/** What the first epoch follows. */
export function genesisHash(statement: GenesisStatement): Promise<Bytes> {
  return sha256(GENESIS, encodeGenesisStatement(statement));
}

export function epochHash(statement: EpochStatement): Promise<Bytes> {
  return sha256(EPOCH, encodeEpochStatement(statement));
}

export function grantHash(statement: GrantStatement): Promise<Bytes> {
  return sha256(GRANT, encodeGrantStatement(statement));
}

/** The name of a message in replies, edits, and the message after it. */
export function messageHash(header: MessageHeader, body: Bytes): Promise<Bytes> {
  return sha256(MESSAGE, encodeHeader(header), slice(body, 0, SALT_AND_COM));
}

/** kc: commits to an epoch's key without telling it. */
export function keyCommitment(key: SealKey, conversation: ConversationId, epoch: number): Promise<Bytes> {
  return hkdf(key, bytesOf(conversation), join(COMMITMENT, u32(epoch)), 32);
}
