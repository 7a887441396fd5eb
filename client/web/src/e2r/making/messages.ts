// SPDX-License-Identifier: Apache-2.0
import { type Bytes, type ConversationId, type MsgId, newMsgId, type Uid } from "../../ids.ts";
import { join } from "../bytes.ts";
import { MESSAGE_LABEL } from "../disclosure.ts";
import type { Reading } from "../fault.ts";
import type { DeviceKeys } from "../key-store.ts";
import type { SealKey } from "../keys.ts";
import { type Randomness, SECURE } from "../randomness.ts";
import {
  encodeEnvelope,
  encodeHeader,
  encodeReadUpTo,
  encodeTarget,
  type Envelope,
  type MessageHeader,
} from "../records/envelope.ts";
import { MESSAGE_PADDED_MAX, pad, unpad } from "../records/padding.ts";
import { open, sealWith } from "../seal.ts";
import type { Accounts } from "../verify/account-chain.ts";
import type { EpochLink } from "../verify/epoch-chain.ts";
import { messageHash } from "../verify/hashes.ts";
import { messageBytes, verifyEnvelope } from "../verify/messages.ts";

const ZEROS = new Uint8Array(32);

/** Who sends, in which epoch. */
export interface Sender {
  readonly uid: Uid;
  readonly keys: DeviceKeys;
  readonly epoch: EpochLink;
}

/** The place of a message among those of its device: the number, and the hash of the one before (none at first). */
export interface ChainPlace {
  readonly seq: number;
  readonly prev: Bytes;
}

export const FIRST_PLACE: ChainPlace = { seq: 1, prev: ZEROS };
const UNCOUNTED: ChainPlace = { seq: 0, prev: ZEROS };

/** A message ready to be sent. */
export interface MadeMessage {
  readonly envelope: Envelope;
  readonly bytes: Bytes;
  /** Its name; the next message's prev. */
  readonly hash: Bytes;
}

/** Makes messages: see messageMaker. */
export class MessageMaker {
  readonly #randomness: Randomness;

  constructor(randomness: Randomness) {
    this.#randomness = randomness;
  }

  /** A message that is kept. */
  content(
    sender: Sender,
    key: SealKey,
    place: ChainPlace,
    content: Uint8Array,
    ttlS = 0,
    msgId: MsgId = newMsgId(),
  ): Promise<MadeMessage> {
    return this.#sealed(sender, key, headerOf(sender, "content", place, ttlS, msgId), content);
  }

  /** A message that is passed on and not kept. */
  ephemeral(sender: Sender, key: SealKey, content: Uint8Array, ttlS = 0): Promise<MadeMessage> {
    return this.#sealed(sender, key, headerOf(sender, "ephemeral", UNCOUNTED, ttlS, newMsgId()), content);
  }

  /** Takes back a message of the same user. */
  tombstone(sender: Sender, place: ChainPlace, target: MsgId): Promise<MadeMessage> {
    return signed(sender, headerOf(sender, "tombstone", place, 0, newMsgId()), encodeTarget(target));
  }

  /** Says up to which place of the conversation everything was read. */
  receipt(sender: Sender, conversationSeq: number): Promise<MadeMessage> {
    const header = headerOf(sender, "receipt", UNCOUNTED, 0, newMsgId());
    return signed(sender, header, encodeReadUpTo(conversationSeq));
  }

  async #sealed(
    sender: Sender,
    key: SealKey,
    header: MessageHeader,
    content: Uint8Array,
  ): Promise<MadeMessage> {
    const context = join(sender.epoch.hash, encodeHeader(header));
    const padded = pad(content, MESSAGE_PADDED_MAX);
    return signed(sender, header, await sealWith(this.#randomness, key, MESSAGE_LABEL, context, padded));
  }
}

export const messageMaker = new MessageMaker(SECURE);

/** The content of a message of type content or ephemeral, verified before it is opened. */
export async function openMessage(
  envelope: Envelope,
  conversation: ConversationId,
  epoch: EpochLink,
  accounts: Accounts,
  key: SealKey,
): Promise<Reading<Bytes>> {
  const verified = await verifyEnvelope(envelope, conversation, epoch, accounts);
  if (!verified.ok) {
    return verified;
  }
  const context = join(epoch.hash, encodeHeader(envelope.header));
  const padded = await open(key, MESSAGE_LABEL, context, envelope.body);
  return padded.ok ? unpad(padded.value) : padded;
}

function headerOf(
  { uid, keys, epoch }: Sender,
  type: MessageHeader["type"],
  { seq, prev }: ChainPlace,
  ttlS: number,
  msgId: MsgId,
): MessageHeader {
  const { conversation, epoch: number } = epoch.record.statement;
  return { type, conversation, epoch: number, uid, deviceId: keys.device, msgId, seq, prev, ttlS };
}

async function signed({ keys, epoch }: Sender, header: MessageHeader, body: Bytes): Promise<MadeMessage> {
  const signature = await keys.signing.sign("msg", await messageBytes(epoch.hash, header, body));
  const envelope: Envelope = { header, body, signature };
  return { envelope, bytes: encodeEnvelope(envelope), hash: await messageHash(header, body) };
}
