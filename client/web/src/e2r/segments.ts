// SPDX-License-Identifier: Apache-2.0
// Tink's AES-GCM-HKDF streaming AEAD: a header, then segments that open only in their place.
import type { Bytes } from "../ids.ts";
import { decrypt, encrypt, TAG_BYTES } from "./aead.ts";
import { join, slice, u32, u8 } from "./bytes.ts";
import type { Reading } from "./fault.ts";

/** Which of Tink's parameters: files have one set of them, Tink's published example another. */
export interface StreamParameters {
  readonly hash: "SHA-256" | "SHA-1";
  /** Of the derived key, and of the salt. */
  readonly keyBytes: number;
  /** Counted with the tag, and the first one with the header too. */
  readonly segmentBytes: number;
}

export const FILE_STREAM: StreamParameters = { hash: "SHA-256", keyBytes: 32, segmentBytes: 1_048_576 };
const PREFIX_BYTES = 7;
const NOTHING = new Uint8Array(0);

export function headerBytes(parameters: StreamParameters): number {
  return 1 + parameters.keyBytes + PREFIX_BYTES;
}

/** How much plaintext fits into a segment. */
export function roomIn(parameters: StreamParameters, segment: number): number {
  return parameters.segmentBytes - TAG_BYTES - (segment === 0 ? headerBytes(parameters) : 0);
}

/** How long a stream of so much plaintext is. */
export function streamBytes(parameters: StreamParameters, plain: number): number {
  const withHeader = plain + headerBytes(parameters);
  const perSegment = parameters.segmentBytes - TAG_BYTES;
  return withHeader + TAG_BYTES * Math.max(1, Math.ceil(withHeader / perSegment));
}

export function newHeader(parameters: StreamParameters, bytes: (length: number) => Bytes): Bytes {
  return join(u8(headerBytes(parameters)), bytes(parameters.keyBytes), bytes(PREFIX_BYTES));
}

/** One stream's key and nonces. */
export class Segments {
  private constructor(
    private readonly key: CryptoKey,
    private readonly prefix: Bytes,
  ) {}

  /** Of the header; undefined if it is none. */
  static async of(
    parameters: StreamParameters,
    ikm: Bytes,
    info: Bytes,
    header: Bytes,
  ): Promise<Segments | undefined> {
    const length = headerBytes(parameters);
    if (header.length !== length || header[0] !== length) {
      return undefined;
    }
    const salt = slice(header, 1, 1 + parameters.keyBytes);
    const key = await crypto.subtle.deriveKey(
      { name: "HKDF", hash: parameters.hash, salt, info },
      await crypto.subtle.importKey("raw", ikm, "HKDF", false, ["deriveKey"]),
      { name: "AES-GCM", length: 8 * parameters.keyBytes },
      false,
      ["encrypt", "decrypt"],
    );
    return new Segments(key, header.slice(1 + parameters.keyBytes));
  }

  seal(index: number, last: boolean, plain: Bytes): Promise<Bytes> {
    return encrypt(this.key, this.nonce(index, last), NOTHING, plain);
  }

  open(index: number, last: boolean, sealed: Bytes): Promise<Reading<Bytes>> {
    return decrypt(this.key, this.nonce(index, last), NOTHING, sealed);
  }

  private nonce(index: number, last: boolean): Bytes {
    return join(this.prefix, u32(index), u8(last ? 1 : 0));
  }
}
