// SPDX-License-Identifier: Apache-2.0
import { type Bytes, idOf, type MsgId } from "../../ids.ts";
import { type Reading, read, unreadable } from "../fault.ts";
import type { MessageHeader } from "../records/envelope.ts";
import type { ChainPlace } from "./messages.ts";

/** How a message follows the ones before it. */
export interface Arrival {
  /** How many of the device's messages were not shown to us, though nobody said that they are gone. */
  readonly missing: number;
}

/**
 * The messages of one device in one conversation, as far as they came: what is verified and counted (content and
 * tombstones). Without clock or storage; whoever lost it takes what the service has stored through a new one,
 * before anything that comes live.
 */
export class DeviceChain {
  readonly #hashes = new Map<number, string>();
  readonly #msgIds = new Set<MsgId>();
  #seq = 0;
  #gap = false;

  /** The number of the newest message. */
  get seq(): number {
    return this.#seq;
  }

  /** The service said that messages are gone here, or we came later: the next one may follow anything. */
  rebase(): void {
    this.#gap = true;
  }

  /** Takes a verified message with its hash. One that is late is remembered all the same. */
  receive({ seq, prev, msgId }: MessageHeader, hash: Bytes): Reading<Arrival> {
    const name: string = idOf<MsgId>(hash);
    const known = this.#hashes.get(seq);
    if (known === name || this.#msgIds.has(msgId)) {
      return unreadable("REPLAYED");
    }
    if (known !== undefined) {
      return unreadable("CLONED_DEVICE");
    }
    const follows = seq === this.#seq + 1;
    const before = this.#hashes.get(this.#seq);
    if (follows && before !== undefined && before !== (idOf<MsgId>(prev) as string)) {
      return unreadable("BROKEN_CHAIN");
    }
    this.#hashes.set(seq, name);
    this.#msgIds.add(msgId);
    if (seq < this.#seq) {
      return unreadable("OUT_OF_ORDER");
    }
    const missing = this.#gap ? 0 : seq - this.#seq - 1;
    this.#seq = seq;
    this.#gap = false;
    return read({ missing });
  }
}

/** The place after a message that was sent. */
export function placeAfter(place: ChainPlace, hash: Bytes): ChainPlace {
  return { seq: place.seq + 1, prev: hash };
}
