// SPDX-License-Identifier: Apache-2.0
// What others published about the two constructions that e2r/1 shares with them.
import { join, utf8 } from "../../src/e2r/bytes.ts";
import { SenderContext, unwrap, wrapWith } from "../../src/e2r/hpke.ts";
import type { Randomness } from "../../src/e2r/randomness.ts";
import { headerBytes, Segments, type StreamParameters } from "../../src/e2r/segments.ts";
import type { Bytes } from "../../src/ids.ts";
import { deriveKeyPair } from "./key-pairs.ts";
import { hex, Tally, unhex } from "./tally.ts";

const MESSAGES = 1000;
const TINK_PLAIN =
  "This is a fairly long plaintext. It is of the exact length to create three output blocks. ";

export interface HpkeVector {
  readonly info: string;
  readonly ikmE: string;
  readonly ikmR: string;
  readonly pkRm: string;
  readonly enc: string;
  readonly accumulated: string;
}

export interface TinkVector {
  readonly ikm: string;
  readonly salt: string;
  readonly nonce_prefix: string;
  readonly associated_data_utf8: string;
  readonly segments: readonly string[];
}

/**
 * RFC 9180, a thousand messages in one context. The stream that they are drawn from is SHAKE128 of nothing, and they
 * agree if SHAKE128 of what is answered does: neither is in WebCrypto, so both are the caller's.
 */
export async function checkHpke(vector: HpkeVector, stream: Bytes): Promise<[Tally, Bytes]> {
  const tally = new Tally("hpke");
  const ephemeral = await deriveKeyPair(unhex(vector.ikmE));
  const recipient = await deriveKeyPair(unhex(vector.ikmR));
  tally.same("recipient", hex(recipient.publicKey), vector.pkRm);
  const randomness: Randomness = {
    bytes: () => new Uint8Array(0),
    ephemeral: () => Promise.resolve(ephemeral),
  };
  const info = unhex(vector.info);
  const context = await SenderContext.start(randomness, recipient.publicKey, info);
  tally.same("enc", hex(context.enc), vector.enc);
  const draw = drawing(stream);
  const sealed: Bytes[] = [];
  for (let i = 0; i < MESSAGES; i++) {
    const aad = draw();
    const plain = draw();
    const one = await context.seal(aad, plain);
    tally.same(`length of message ${i}`, one.length, plain.length + 16);
    sealed.push(one);
    if (i === 0) {
      const single = await wrapWith(randomness, recipient.publicKey, info, aad, plain);
      tally.same("single shot", hex(single), vector.enc + hex(one));
      const opened = await unwrap(recipient, info, aad, single);
      tally.same("opened", opened.ok ? hex(opened.value) : opened.fault, hex(plain));
    }
  }
  return [tally, join(...sealed)];
}

function drawing(stream: Bytes): () => Bytes {
  let at = 0;
  return () => {
    const from = at + 1;
    at = from + (stream[from - 1] as number);
    return stream.slice(from, at);
  };
}

/** Tink's own example, through the code that cuts our files. */
export async function checkTink(vector: TinkVector): Promise<Tally> {
  const tally = new Tally("tink");
  const parameters: StreamParameters = { hash: "SHA-1", keyBytes: 16, segmentBytes: 64 };
  const length = headerBytes(parameters);
  const header = join(Uint8Array.of(length), unhex(vector.salt), unhex(vector.nonce_prefix));
  const info = utf8(vector.associated_data_utf8);
  const segments = (await Segments.of(parameters, unhex(vector.ikm), info, header)) as Segments;
  const last = vector.segments.length - 1;
  let plain = "";
  for (const [i, text] of vector.segments.entries()) {
    const opened = await segments.open(i, i === last, unhex(text));
    tally.check(`segment ${i} opens`, opened.ok);
    if (opened.ok) {
      plain += new TextDecoder().decode(opened.value);
      tally.same(`segment ${i}`, hex(await segments.seal(i, i === last, opened.value)), text);
    }
    const elsewhere = await segments.open(i + 1, i === last, unhex(text));
    const otherwise = await segments.open(i, i !== last, unhex(text));
    tally.check(`segment ${i} opens only in its place`, !elsewhere.ok && !otherwise.ok);
  }
  tally.same("plaintext", plain, TINK_PLAIN.slice(0, plain.length));
  return tally;
}
