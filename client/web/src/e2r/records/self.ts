// SPDX-License-Identifier: Apache-2.0
import type { Reading } from "../fault.ts";
import type { Bytes } from "../../ids.ts";
import { SEALED_EXTRA } from "./envelope.ts";
import { isPaddedSize, SELF_PADDED_MAX } from "./padding.ts";
import { RecordReader, SIGNATURE_LENGTH } from "./reader.ts";
import { checked, RecordWriter } from "./writer.ts";

export const KEY_WRAP_LENGTH = 113;

const KINDS = ["heads", "verified", "labels", "settings"] as const;

export type SelfKind = (typeof KINDS)[number];

/** The number that a kind has on the wire and in what its key and seal are bound to. */
export function selfKindNumber(kind: SelfKind): number {
  return KINDS.indexOf(kind) + 1;
}

/** What a user's devices tell each other, before it is signed. */
export interface SelfStatement {
  readonly kind: SelfKind;
  readonly counter: number;
  readonly wrap: Bytes;
  readonly sealed: Bytes;
}

export interface SelfBlob {
  readonly statement: SelfStatement;
  readonly signature: Bytes;
}

export function decodeSelfBlob(bytes: Uint8Array): Reading<SelfBlob> {
  const reader = new RecordReader(bytes);
  return reader.end({ statement: readStatement(reader, SIGNATURE_LENGTH), signature: reader.signature() });
}

/** All bytes before the signature. */
export function encodeSelfStatement(statement: SelfStatement): Bytes {
  return checked(written(statement), (bytes) => {
    const reader = new RecordReader(bytes);
    return reader.end(readStatement(reader, 0));
  });
}

export function encodeSelfBlob(blob: SelfBlob): Bytes {
  return checked(written(blob.statement).signature(blob.signature), decodeSelfBlob);
}

function readStatement(reader: RecordReader, behind: number): SelfStatement {
  reader.version();
  const statement: SelfStatement = {
    kind: reader.named(KINDS, 1),
    counter: reader.u64(1),
    wrap: reader.fixed(KEY_WRAP_LENGTH),
    sealed: reader.rest(behind),
  };
  const fits = isPaddedSize(statement.sealed.length - SEALED_EXTRA, SELF_PADDED_MAX);
  reader.refuseIf(!fits, "WRONG_LENGTH");
  return statement;
}

function written(statement: SelfStatement): RecordWriter {
  return new RecordWriter()
    .u8(1)
    .named(KINDS, 1, statement.kind)
    .u64(statement.counter)
    .fixed(statement.wrap, KEY_WRAP_LENGTH)
    .raw(statement.sealed);
}
