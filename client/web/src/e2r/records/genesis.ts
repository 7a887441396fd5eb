// SPDX-License-Identifier: Apache-2.0
import type { Reading } from "../fault.ts";
import type { Bytes, DeviceId, TenantId, Uid } from "../../ids.ts";
import { RecordReader } from "./reader.ts";
import { checked, RecordWriter } from "./writer.ts";

const TYPES = ["direct", "group"] as const;
const HISTORIES = ["from-join", "full"] as const;
const ADD_POLICIES = ["any-member", "admins", "host"] as const;
const REWRAPS = ["ask", "current", "history"] as const;

/** What a conversation is for good: its hash is the conversation's id. */
export interface GenesisStatement {
  readonly tenant: TenantId;
  readonly type: (typeof TYPES)[number];
  readonly creatorUid: Uid;
  readonly creatorDevice: DeviceId;
  readonly accountSeq: number;
  readonly accountHash: Bytes;
  readonly nonce: Bytes;
  /** The id of the unencrypted conversation that this one continues, or zeros. */
  readonly predecessor: Bytes;
  readonly history: (typeof HISTORIES)[number];
  readonly addPolicy: (typeof ADD_POLICIES)[number];
  readonly rewrap: (typeof REWRAPS)[number];
  readonly initialTtlS: number;
  readonly createdMs: number;
}

export interface Genesis {
  readonly statement: GenesisStatement;
  readonly signature: Bytes;
}

export function decodeGenesis(bytes: Uint8Array): Reading<Genesis> {
  const reader = new RecordReader(bytes);
  return reader.end({ statement: readStatement(reader), signature: reader.signature() });
}

/** The exact bytes that are signed and named. */
export function encodeGenesisStatement(statement: GenesisStatement): Bytes {
  return checked(written(statement), (bytes) => {
    const reader = new RecordReader(bytes);
    return reader.end(readStatement(reader));
  });
}

export function encodeGenesis(genesis: Genesis): Bytes {
  return checked(written(genesis.statement).signature(genesis.signature), decodeGenesis);
}

function readStatement(reader: RecordReader): GenesisStatement {
  reader.version();
  reader.suite();
  return {
    tenant: reader.id(16),
    type: reader.named(TYPES, 1),
    creatorUid: reader.id(16),
    creatorDevice: reader.id(16),
    accountSeq: reader.u64(1),
    accountHash: reader.hash(),
    nonce: reader.fixed(32),
    predecessor: reader.fixed(32),
    history: reader.named(HISTORIES, 0),
    addPolicy: reader.named(ADD_POLICIES, 0),
    rewrap: reader.named(REWRAPS, 0),
    initialTtlS: reader.u32(),
    createdMs: reader.u64(),
  };
}

function written(statement: GenesisStatement): RecordWriter {
  return new RecordWriter()
    .u8(1)
    .u16(1)
    .id(statement.tenant, 16)
    .named(TYPES, 1, statement.type)
    .id(statement.creatorUid, 16)
    .id(statement.creatorDevice, 16)
    .u64(statement.accountSeq)
    .hash(statement.accountHash)
    .fixed(statement.nonce, 32)
    .fixed(statement.predecessor, 32)
    .named(HISTORIES, 0, statement.history)
    .named(ADD_POLICIES, 0, statement.addPolicy)
    .named(REWRAPS, 0, statement.rewrap)
    .u32(statement.initialTtlS)
    .u64(statement.createdMs);
}
