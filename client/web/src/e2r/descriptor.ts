// SPDX-License-Identifier: Apache-2.0
import type { Bytes } from "../ids.ts";
import type { Reading } from "./fault.ts";
import { RecordReader } from "./records/reader.ts";
import { RecordWriter } from "./records/writer.ts";
import { SEAL_OVERHEAD_BYTES } from "./seal.ts";

export const FILE_ID_BYTES = 16;
export const FILE_KEY_BYTES = 32;
const SEALED_KEY_BYTES = FILE_KEY_BYTES + SEAL_OVERHEAD_BYTES;
const NAME_BYTES_MAX = 1024;
const MIME_BYTES_MAX = 256;
const DECODER = new TextDecoder("utf-8", { ignoreBOM: true });
const ENCODER = new TextEncoder();

/** All that a message says about a file: where it is, what opens it, and how to see that it is this one. */
export interface FileDescriptor {
  readonly fileId: Bytes;
  /** The file's key, sealed under the conversation's. */
  readonly fkw: Bytes;
  readonly size: number;
  readonly sealedSize: number;
  readonly root: Bytes;
  readonly name: string;
  readonly mime: string;
}

export function encodeDescriptor(descriptor: FileDescriptor): Bytes {
  const { fileId, fkw, size, sealedSize, root, name, mime } = descriptor;
  const writer = new RecordWriter().fixed(fileId, FILE_ID_BYTES).fixed(fkw, SEALED_KEY_BYTES);
  writer.u64(size).u64(sealedSize).hash(root);
  text(writer, name, NAME_BYTES_MAX);
  text(writer, mime, MIME_BYTES_MAX);
  return writer.bytes();
}

export function decodeDescriptor(bytes: Bytes): Reading<FileDescriptor> {
  const reader = new RecordReader(bytes);
  const fileId = reader.fixed(FILE_ID_BYTES);
  const fkw = reader.fixed(SEALED_KEY_BYTES);
  const size = reader.u64();
  const sealedSize = reader.u64();
  const root = reader.hash();
  const name = readText(reader, NAME_BYTES_MAX);
  const mime = readText(reader, MIME_BYTES_MAX);
  return reader.end({ fileId, fkw, size, sealedSize, root, name, mime });
}

function text(writer: RecordWriter, value: string, most: number): void {
  const bytes = ENCODER.encode(value);
  if (bytes.length > most) {
    throw new RangeError("WRONG_LENGTH");
  }
  writer.u16(bytes.length).raw(bytes);
}

/** What is no UTF-8 shows as U+FFFD: a strange name is no reason to lose a file. */
function readText(reader: RecordReader, most: number): string {
  const length = reader.u16();
  reader.refuseIf(length > most, "WRONG_LENGTH");
  return DECODER.decode(reader.fixed(length));
}
