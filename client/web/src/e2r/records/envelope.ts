// SPDX-License-Identifier: Apache-2.0
import type { Reading } from "../fault.ts";
import {
  type Bytes,
  bytesOf,
  type ConversationId,
  type DeviceId,
  idOf,
  type MsgId,
  type Uid,
} from "../../ids.ts";
import { isPaddedSize, MESSAGE_PADDED_MAX } from "./padding.ts";
import { isZeros, RecordReader, SIGNATURE_LENGTH } from "./reader.ts";
import { checked, RecordWriter } from "./writer.ts";

export const HEADER_LENGTH = 130;
/** What sealing adds: salt, com, and the tag. */
export const SEALED_EXTRA = 80;

const TYPES = ["content", "tombstone", "ephemeral", "receipt"] as const;
const TARGET_LENGTH = 16;
const RECEIPT_LENGTH = 8;

export type MessageType = (typeof TYPES)[number];

export interface MessageHeader {
  readonly type: MessageType;
  readonly conversation: ConversationId;
  readonly epoch: number;
  readonly uid: Uid;
  readonly deviceId: DeviceId;
  readonly msgId: MsgId;
  /** The number among the device's messages of the conversation; 0 for what is not counted. */
  readonly seq: number;
  /** The hash of the device's message before; zeros if there is none. */
  readonly prev: Bytes;
  readonly ttlS: number;
}

/** A message as it is sent. */
export interface Envelope {
  readonly header: MessageHeader;
  readonly body: Bytes;
  readonly signature: Bytes;
}

export function decodeEnvelope(bytes: Uint8Array): Reading<Envelope> {
  const reader = new RecordReader(bytes);
  const header = readHeader(reader);
  const body = readBody(reader, header.type);
  return reader.end({ header, body, signature: reader.signature() });
}

/** The exact bytes that the seal and the signature are bound to. */
export function encodeHeader(header: MessageHeader): Bytes {
  return checked(written(header), (bytes) => {
    const reader = new RecordReader(bytes);
    return reader.end(readHeader(reader));
  });
}

export function encodeEnvelope({ header, body, signature }: Envelope): Bytes {
  return checked(written(header).raw(body).signature(signature), decodeEnvelope);
}

/** The body of a tombstone: which message of the same user is gone. */
export function encodeTarget(target: MsgId): Bytes {
  return bytesOf(target);
}

export function targetOf(envelope: Envelope): MsgId {
  return idOf(envelope.body);
}

/** The body of a receipt: up to which place of the conversation everything was read. */
export function encodeReadUpTo(conversationSeq: number): Bytes {
  return new RecordWriter().u64(conversationSeq).bytes();
}

export function readUpToOf(envelope: Envelope): number {
  return new RecordReader(envelope.body).u64();
}

function readHeader(reader: RecordReader): MessageHeader {
  reader.version();
  const header: MessageHeader = {
    type: reader.named(TYPES, 1),
    conversation: reader.id(32),
    epoch: reader.u32(1),
    uid: reader.id(16),
    deviceId: reader.id(16),
    msgId: reader.id(16),
    seq: reader.u64(),
    prev: reader.hash(),
    ttlS: reader.u32(),
  };
  reader.refuseIf(contradicts(header), "CONTRADICTION");
  return header;
}

function contradicts({ type, seq, prev, ttlS }: MessageHeader): boolean {
  const counted = type === "content" || type === "tombstone";
  return (
    counted !== seq > 0 ||
    isZeros(prev) !== seq <= 1 ||
    (ttlS !== 0 && (type === "tombstone" || type === "receipt"))
  );
}

function readBody(reader: RecordReader, type: MessageType): Bytes {
  const body = reader.rest(SIGNATURE_LENGTH);
  reader.refuseIf(!fits(type, body.length), "WRONG_LENGTH");
  if (type === "receipt" && !reader.failed) {
    const place = new RecordReader(body);
    place.u64();
    reader.refuseIf(place.failed, "OUT_OF_RANGE");
  }
  return body;
}

function fits(type: MessageType, length: number): boolean {
  switch (type) {
    case "content":
    case "ephemeral":
      return isPaddedSize(length - SEALED_EXTRA, MESSAGE_PADDED_MAX);
    case "tombstone":
      return length === TARGET_LENGTH;
    case "receipt":
      return length === RECEIPT_LENGTH;
  }
}

function written(header: MessageHeader): RecordWriter {
  return new RecordWriter()
    .u8(1)
    .named(TYPES, 1, header.type)
    .id(header.conversation, 32)
    .u32(header.epoch)
    .id(header.uid, 16)
    .id(header.deviceId, 16)
    .id(header.msgId, 16)
    .u64(header.seq)
    .hash(header.prev)
    .u32(header.ttlS);
}
