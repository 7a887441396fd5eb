// SPDX-License-Identifier: Apache-2.0
import type { Reading } from "../fault.ts";
import type { Bytes, ConversationId, DeviceId, Uid } from "../../ids.ts";
import { RecordReader } from "./reader.ts";
import { checked, RecordWriter } from "./writer.ts";

const KINDS = ["rewrapped", "shared"] as const;

/** That somebody was given an epoch's key outside its record. */
export interface GrantStatement {
  readonly conversation: ConversationId;
  readonly epoch: number;
  readonly epochHash: Bytes;
  readonly granteeUid: Uid;
  readonly accountSeq: number;
  readonly accountHash: Bytes;
  readonly aekGen: number;
  /** Wrapped again for a newer key of somebody active in that epoch, or shared with somebody active now. */
  readonly kind: (typeof KINDS)[number];
  readonly granterUid: Uid;
  readonly granterDevice: DeviceId;
  readonly granterSeq: number;
  readonly createdMs: number;
}

export interface Grant {
  readonly statement: GrantStatement;
  readonly signature: Bytes;
}

export function decodeGrant(bytes: Uint8Array): Reading<Grant> {
  const reader = new RecordReader(bytes);
  return reader.end({ statement: readStatement(reader), signature: reader.signature() });
}

/** The exact bytes that are signed and named. */
export function encodeGrantStatement(statement: GrantStatement): Bytes {
  return checked(written(statement), (bytes) => {
    const reader = new RecordReader(bytes);
    return reader.end(readStatement(reader));
  });
}

export function encodeGrant(grant: Grant): Bytes {
  return checked(written(grant.statement).signature(grant.signature), decodeGrant);
}

function readStatement(reader: RecordReader): GrantStatement {
  reader.version();
  return {
    conversation: reader.id(32),
    epoch: reader.u32(1),
    epochHash: reader.hash(),
    granteeUid: reader.id(16),
    accountSeq: reader.u64(1),
    accountHash: reader.hash(),
    aekGen: reader.u32(1),
    kind: reader.named(KINDS, 1),
    granterUid: reader.id(16),
    granterDevice: reader.id(16),
    granterSeq: reader.u64(1),
    createdMs: reader.u64(),
  };
}

function written(statement: GrantStatement): RecordWriter {
  return new RecordWriter()
    .u8(1)
    .id(statement.conversation, 32)
    .u32(statement.epoch)
    .hash(statement.epochHash)
    .id(statement.granteeUid, 16)
    .u64(statement.accountSeq)
    .hash(statement.accountHash)
    .u32(statement.aekGen)
    .named(KINDS, 1, statement.kind)
    .id(statement.granterUid, 16)
    .id(statement.granterDevice, 16)
    .u64(statement.granterSeq)
    .u64(statement.createdMs);
}
