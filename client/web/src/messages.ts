// SPDX-License-Identifier: Apache-2.0
import type { Entry as WireEntry } from "./generated/e2relay/v1/frames_pb.ts";
import { ChangeKind, GapReason } from "./generated/e2relay/v1/model_pb.ts";
import { type DeviceId, idOf, type MsgId, type Uid } from "./ids.ts";

export interface MessageEntry {
  readonly kind: "message";
  readonly seq: number;
  readonly epoch: number;
  readonly uid: Uid;
  readonly deviceId: DeviceId;
  readonly msgId: MsgId;
  readonly receivedMs: number;
  readonly body: Uint8Array;
}

export interface MemberChange {
  readonly what: "created" | "added" | "joined" | "removed" | "left" | "unknown";
  readonly uid: Uid;
  readonly by: Uid;
}

/** A change of members has its own place in the order. */
export interface ChangeEntry {
  readonly kind: "change";
  readonly seq: number;
  readonly epoch: number;
  readonly receivedMs: number;
  readonly changes: readonly MemberChange[];
}

/** Entries that are not there, and will not come. */
export interface GapEntry {
  readonly kind: "gap";
  readonly seq: number;
  readonly toSeq: number;
  readonly reason: "not yours" | "removed";
}

export type Entry = MessageEntry | ChangeEntry | GapEntry;

export function entryOf(body: WireEntry["body"]): Entry | undefined {
  switch (body.case) {
    case "message": {
      const { seq, epoch, uid, deviceId, msgId, receivedMs, body: content } = body.value;
      return {
        kind: "message",
        seq: Number(seq),
        epoch: Number(epoch),
        uid: idOf(uid),
        deviceId: idOf(deviceId),
        msgId: idOf(msgId),
        receivedMs: Number(receivedMs),
        body: content,
      };
    }
    case "control": {
      const { seq, epoch, receivedMs, changes } = body.value;
      return {
        kind: "change",
        seq: Number(seq),
        epoch: Number(epoch),
        receivedMs: Number(receivedMs),
        changes: changes.map(({ kind, uid, by }) => ({ what: whatOf(kind), uid: idOf(uid), by: idOf(by) })),
      };
    }
    case "gap": {
      const { fromSeq, toSeq, reason } = body.value;
      return {
        kind: "gap",
        seq: Number(fromSeq),
        toSeq: Number(toSeq),
        reason: reason === GapReason.NOT_YOURS ? "not yours" : "removed",
      };
    }
    case undefined:
      return undefined;
  }
}

function whatOf(kind: ChangeKind): MemberChange["what"] {
  switch (kind) {
    case ChangeKind.CREATED:
      return "created";
    case ChangeKind.ADDED:
      return "added";
    case ChangeKind.JOINED:
      return "joined";
    case ChangeKind.REMOVED:
      return "removed";
    case ChangeKind.LEFT:
      return "left";
    case ChangeKind.UNSPECIFIED:
      return "unknown";
  }
  return "unknown";
}

function lastSeqOf(entry: Entry): number {
  return entry.kind === "gap" ? entry.toSeq : entry.seq;
}

/**
 * How far a log has been read. Whatever comes, however often and in whatever order, passes once and in order: what is
 * known is dropped, and what lies beyond a hole only says how far to read.
 */
export class Timeline {
  #cursor: number;
  #newest: number;

  constructor(afterSeq: number) {
    this.#cursor = afterSeq;
    this.#newest = afterSeq;
  }

  /** The last entry that passed. */
  get cursor(): number {
    return this.#cursor;
  }

  /** Whether there is more in the log than passed. */
  get behind(): boolean {
    return this.#newest > this.#cursor;
  }

  /** True when the entry is the next one, and thereby passes. */
  pass(entry: Entry): boolean {
    const last = lastSeqOf(entry);
    this.reaches(last);
    if (last <= this.#cursor || entry.seq > this.#cursor + 1) {
      return false;
    }
    this.#cursor = last;
    return true;
  }

  /** The log is known to go this far. */
  reaches(seq: number): void {
    this.#newest = Math.max(this.#newest, seq);
  }

  /** Every entry up to this one was handed over. */
  readThrough(seq: number): void {
    this.#cursor = Math.max(this.#cursor, seq);
    this.reaches(seq);
  }
}
