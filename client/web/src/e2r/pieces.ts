// SPDX-License-Identifier: Apache-2.0
import type { Bytes } from "../ids.ts";

/** Part of what a source brings; only the last may be shorter than asked for. */
export interface Piece {
  readonly bytes: Bytes;
  readonly last: boolean;
}

/** Something that is read piece by piece, so that no more than a piece or two of it is ever held. */
export interface Source {
  next(length: number): Promise<Piece>;
  cancel(why: unknown): Promise<void>;
}

export function sourceOf(data: Blob | ReadableStream<Uint8Array>): Source {
  return data instanceof Blob ? new BlobSource(data) : new StreamSource(data);
}

class BlobSource implements Source {
  private at = 0;

  constructor(private readonly blob: Blob) {}

  async next(length: number): Promise<Piece> {
    const part = this.blob.slice(this.at, this.at + length);
    this.at += part.size;
    return { bytes: new Uint8Array(await part.arrayBuffer()), last: this.at >= this.blob.size };
  }

  cancel(): Promise<void> {
    return Promise.resolve();
  }
}

class StreamSource implements Source {
  private readonly reader: ReadableStreamDefaultReader<Uint8Array>;
  private rest: Uint8Array | undefined;
  private ended = false;

  constructor(stream: ReadableStream<Uint8Array>) {
    this.reader = stream.getReader();
  }

  async next(length: number): Promise<Piece> {
    const piece = new Uint8Array(length);
    let filled = 0;
    // One chunk is read ahead: whether a piece is the last one shows only behind it.
    for (let chunk = await this.chunk(); chunk !== undefined && filled < length; chunk = await this.chunk()) {
      const part = chunk.subarray(0, length - filled);
      piece.set(part, filled);
      filled += part.length;
      this.rest = chunk.subarray(part.length);
    }
    return { bytes: piece.subarray(0, filled), last: this.ended };
  }

  cancel(why: unknown): Promise<void> {
    return this.reader.cancel(why);
  }

  /** What is there but not taken yet: never empty, undefined at the end. */
  private async chunk(): Promise<Uint8Array | undefined> {
    while (!this.ended && (this.rest === undefined || this.rest.length === 0)) {
      const { value, done } = await this.reader.read();
      this.ended = done;
      this.rest = value;
    }
    return this.ended ? undefined : this.rest;
  }
}

/** What a source brings, and zeros behind it up to a size that is known only when it has ended. */
export class PaddedSource implements Source {
  /** How long it was without the zeros; final once the last piece was given. */
  size = 0;
  private ended = false;
  private given = 0;

  constructor(
    private readonly source: Source,
    private readonly paddedSize: (size: number) => number,
  ) {}

  async next(length: number): Promise<Piece> {
    const bytes = this.ended ? new Uint8Array(0) : await this.take(length);
    this.given += bytes.length;
    if (!this.ended) {
      return { bytes, last: false };
    }
    const missing = this.paddedSize(this.size) - this.given;
    const zeros = Math.min(missing, length - bytes.length);
    this.given += zeros;
    return { bytes: zeros === 0 ? bytes : followedByZeros(bytes, zeros), last: zeros === missing };
  }

  cancel(why: unknown): Promise<void> {
    return this.source.cancel(why);
  }

  private async take(length: number): Promise<Bytes> {
    const piece = await this.source.next(length);
    this.size += piece.bytes.length;
    this.ended = piece.last;
    return piece.bytes;
  }
}

function followedByZeros(bytes: Bytes, count: number): Bytes {
  const filled = new Uint8Array(bytes.length + count);
  filled.set(bytes);
  return filled;
}
