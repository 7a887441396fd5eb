// SPDX-License-Identifier: Apache-2.0
// Files of any size, a mebibyte at a time: a few segments are held at once, whatever the file's size.
import { type Bytes, bytesOf, type ConversationId } from "../ids.ts";
import { isZero, join, label, sameBytes, slice, u32 } from "./bytes.ts";
import { FILE_ID_BYTES, FILE_KEY_BYTES, type FileDescriptor } from "./descriptor.ts";
import { type Fault, type Reading, read, unreadable } from "./fault.ts";
import { sha256 } from "./hash.ts";
import type { SealKey } from "./keys.ts";
import { PaddedSource, type Source, sourceOf } from "./pieces.ts";
import { type Randomness, SECURE } from "./randomness.ts";
import { paddedSize } from "./records/padding.ts";
import { open, sealWith } from "./seal.ts";
import { FILE_STREAM, headerBytes, newHeader, roomIn, Segments, streamBytes } from "./segments.ts";

const KEY_LABEL = "e2r/1/filekey";
const STREAM_LABEL = label("e2r/1/file");
const ROOT_LABEL = label("e2r/1/file-root");
const HEADER_BYTES = headerBytes(FILE_STREAM);

/** Where a file is shown: its key is sealed under that epoch's key. */
export interface FilePlace {
  readonly conversation: ConversationId;
  readonly epoch: number;
}

/** A file's data, and what it is called. */
export interface PlainFile {
  readonly data: Blob | ReadableStream<Uint8Array>;
  readonly name: string;
  readonly mime: string;
}

/** A file on its way out: the stream to store, and what to tell the members once it has ended. */
export interface SealedFile {
  readonly fileId: Bytes;
  readonly stream: ReadableStream<Bytes>;
  readonly descriptor: Promise<FileDescriptor>;
}

/** Why a file did not open. What came before of it is not to be used. */
export class FileFaultError extends Error {
  constructor(readonly fault: Fault) {
    super(`the file does not open: ${fault}`);
    this.name = "FileFaultError";
  }
}

export function sealFile(key: SealKey, place: FilePlace, file: PlainFile): Promise<SealedFile> {
  return sealFileWith(SECURE, key, place, file);
}

export async function sealFileWith(
  randomness: Randomness,
  key: SealKey,
  place: FilePlace,
  file: PlainFile,
): Promise<SealedFile> {
  const fileId = randomness.bytes(FILE_ID_BYTES);
  const fileKey = randomness.bytes(FILE_KEY_BYTES);
  const fkw = await sealWith(randomness, key, KEY_LABEL, keyContext(place, fileId), fileKey);
  const header = newHeader(FILE_STREAM, (length) => randomness.bytes(length));
  const segments = (await segmentsOf(place, fileId, fileKey, header)) as Segments;
  fileKey.fill(0);
  const sealing = new Sealing(new PaddedSource(sourceOf(file.data), paddedSize), segments, header);
  const descriptor = sealing.ended.then(({ size, sealedSize, root }) => {
    return { fileId, fkw, size, sealedSize, root, name: file.name, mime: file.mime };
  });
  // Whoever gives up on the stream need not look at the descriptor.
  descriptor.catch(() => undefined);
  return { fileId, stream: streamOf(sealing), descriptor };
}

/**
 * The file that was described. The stream fails with a {@link FileFaultError}: CANNOT_OPEN at the first segment that
 * does not open; when all came, WRONG_ROOT if it is not the file described, then BAD_PADDING. The last piece is held
 * back until then, so what does not end was not verified.
 */
export function openFile(
  key: SealKey,
  place: FilePlace,
  descriptor: FileDescriptor,
  sealed: Blob | ReadableStream<Uint8Array>,
): ReadableStream<Bytes> {
  return streamOf(new Opening(key, place, descriptor, sourceOf(sealed)));
}

/** The same for a file that is wanted as a whole: nothing of it is given out before all of it was verified. */
export async function openWholeFile(
  key: SealKey,
  place: FilePlace,
  descriptor: FileDescriptor,
  sealed: Blob | ReadableStream<Uint8Array>,
): Promise<Reading<Blob>> {
  // By hand: a Response around the stream would hide the fault in some browsers.
  const reader = openFile(key, place, descriptor, sealed).getReader();
  const parts: Bytes[] = [];
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      parts.push(next.value);
    }
  } catch (error) {
    if (error instanceof FileFaultError) {
      return unreadable(error.fault);
    }
    throw error;
  }
  // Without the type that the sender named: it could be one that runs in the page's origin.
  return read(new Blob(parts));
}

/** How long a file of so many bytes is when it is sealed. */
export function sealedFileBytes(size: number): number {
  return streamBytes(FILE_STREAM, paddedSize(size));
}

/** Work that gives one chunk after the other. */
interface Work {
  /** The next chunk; undefined at the end. */
  next(): Promise<Bytes | undefined>;
  cancel(why: unknown): Promise<void>;
}

interface Ended {
  readonly size: number;
  readonly sealedSize: number;
  readonly root: Bytes;
}

/** The hashes of what passed by, a mebibyte each. */
class Root {
  bytes = 0;
  private readonly hashes: Bytes[] = [];

  async add(part: Bytes): Promise<void> {
    this.bytes += part.length;
    this.hashes.push(await sha256(part));
  }

  value(): Promise<Bytes> {
    return sha256(ROOT_LABEL, u32(this.hashes.length), ...this.hashes);
  }
}

class Sealing implements Work {
  readonly ended: Promise<Ended>;
  private end!: (ended: Ended) => void;
  private fail!: (why: unknown) => void;
  private readonly root = new Root();
  private hashing: Promise<void> = Promise.resolve();
  private index = 0;
  private done = false;

  constructor(
    private readonly source: PaddedSource,
    private readonly segments: Segments,
    private readonly header: Bytes,
  ) {
    this.ended = new Promise((resolve, reject) => {
      this.end = resolve;
      this.fail = reject;
    });
  }

  async next(): Promise<Bytes | undefined> {
    try {
      return this.done ? undefined : await this.segment();
    } catch (error) {
      this.fail(error);
      throw error;
    }
  }

  async cancel(why: unknown): Promise<void> {
    this.fail(why ?? new Error("nobody took the whole file"));
    await this.source.cancel(why);
  }

  private async segment(): Promise<Bytes> {
    const { bytes, last } = await this.source.next(roomIn(FILE_STREAM, this.index));
    const sealed = await this.segments.seal(this.index, last, bytes);
    const part = this.index === 0 ? join(this.header, sealed) : sealed;
    this.index++;
    this.done = last;
    // The hash of this one is worked out while the next is sealed.
    await this.hashing;
    this.hashing = this.root.add(part);
    if (last) {
      await this.hashing;
      this.end({ size: this.source.size, sealedSize: this.root.bytes, root: await this.root.value() });
    }
    return part;
  }
}

class Opening implements Work {
  private readonly root = new Root();
  private segments: Segments | undefined;
  private index = 0;
  private opened = 0;
  private padded = true;
  /** One of them is held back until the end was seen. */
  private readonly ready: Bytes[] = [];
  private ended = false;

  constructor(
    private readonly key: SealKey,
    private readonly place: FilePlace,
    private readonly descriptor: FileDescriptor,
    private readonly source: Source,
  ) {}

  async next(): Promise<Bytes | undefined> {
    while (!this.ended && this.ready.length < 2) {
      const data = await this.segment();
      if (data.length > 0) {
        this.ready.push(data);
      }
    }
    return this.ready.shift();
  }

  cancel(why: unknown): Promise<void> {
    return this.source.cancel(why);
  }

  /** What a segment holds of the file itself: the padding is only looked at. */
  private async segment(): Promise<Bytes> {
    const { bytes, last } = await this.source.next(FILE_STREAM.segmentBytes);
    const [plain] = await Promise.all([this.open(bytes, last), this.root.add(bytes)]);
    if (this.root.bytes > this.descriptor.sealedSize) {
      throw new FileFaultError("WRONG_ROOT");
    }
    const ofFile = Math.min(plain.length, Math.max(0, this.descriptor.size - this.opened));
    this.opened += plain.length;
    this.padded &&= isZero(slice(plain, ofFile));
    if (last) {
      await this.verify();
      this.ended = true;
    }
    return slice(plain, 0, ofFile);
  }

  private async open(bytes: Bytes, last: boolean): Promise<Bytes> {
    const at = this.index === 0 ? HEADER_BYTES : 0;
    this.segments ??= await this.start(bytes);
    return opened(await this.segments.open(this.index++, last, slice(bytes, at)));
  }

  private async start(bytes: Bytes): Promise<Segments> {
    const { fileId, fkw } = this.descriptor;
    const fileKey = opened(await open(this.key, KEY_LABEL, keyContext(this.place, fileId), fkw));
    const segments = await segmentsOf(this.place, fileId, fileKey, bytes.slice(0, HEADER_BYTES));
    fileKey.fill(0);
    if (segments === undefined) {
      throw new FileFaultError("CANNOT_OPEN");
    }
    return segments;
  }

  private async verify(): Promise<void> {
    const { size, sealedSize, root } = this.descriptor;
    if (this.root.bytes !== sealedSize || !sameBytes(await this.root.value(), root)) {
      throw new FileFaultError("WRONG_ROOT");
    }
    if (this.opened !== paddedSize(size) || !this.padded) {
      throw new FileFaultError("BAD_PADDING");
    }
  }
}

function opened(reading: Reading<Bytes>): Bytes {
  if (!reading.ok) {
    throw new FileFaultError(reading.fault);
  }
  return reading.value;
}

/** Nothing is worked out before somebody asks for it. */
function streamOf(work: Work): ReadableStream<Bytes> {
  return new ReadableStream<Bytes>(
    {
      async pull(controller) {
        try {
          const chunk = await work.next();
          if (chunk === undefined) {
            controller.close();
          } else {
            controller.enqueue(chunk);
          }
        } catch (error) {
          await work.cancel(error).catch(() => undefined);
          throw error;
        }
      },
      cancel: (why) => work.cancel(why),
    },
    { highWaterMark: 0 },
  );
}

function keyContext(place: FilePlace, fileId: Bytes): Bytes {
  return join(bytesOf(place.conversation), u32(place.epoch), fileId);
}

function segmentsOf(
  place: FilePlace,
  fileId: Bytes,
  fileKey: Bytes,
  header: Bytes,
): Promise<Segments | undefined> {
  return Segments.of(FILE_STREAM, fileKey, join(STREAM_LABEL, bytesOf(place.conversation), fileId), header);
}
