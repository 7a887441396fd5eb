// SPDX-License-Identifier: Apache-2.0
// Showing one message to somebody who judges it, without showing anything else of the conversation.
import type { Bytes } from "../ids.ts";
import { join, slice } from "./bytes.ts";
import { type Reading, read, unreadable } from "./fault.ts";
import type { SealKey } from "./keys.ts";
import { onceKey, openOnce, SALT_BYTES, SEAL_OVERHEAD_BYTES } from "./seal.ts";
import { Secret } from "./secret.ts";

export const MESSAGE_LABEL = "e2r/1/msg";

/** A message as it was sent: the bytes of its header and its sealed body, and the hash of its epoch. */
export interface SealedMessage {
  readonly epochHash: Bytes;
  readonly header: Bytes;
  readonly body: Bytes;
}

/** The key of this one message (mk): CANNOT_OPEN if it does not open, so that nobody reports what proves nothing. */
export async function disclose(key: SealKey, message: SealedMessage): Promise<Reading<Secret>> {
  if (message.body.length < SEAL_OVERHEAD_BYTES) {
    return unreadable("CANNOT_OPEN");
  }
  const once = await onceKey(key, MESSAGE_LABEL, contextOf(message), slice(message.body, 0, SALT_BYTES));
  const opened = await openOnce(once, contextOf(message), message.body);
  return opened?.ok ? read(new Secret(once)) : unreadable("CANNOT_OPEN");
}

/**
 * What somebody reads who was given that key: the padded content. BAD_COMMITMENT if it is not the key of this message,
 * whatever it would make of the bytes.
 */
export async function openDisclosed(once: Secret, message: SealedMessage): Promise<Reading<Bytes>> {
  if (message.body.length < SEAL_OVERHEAD_BYTES) {
    return unreadable("BAD_COMMITMENT");
  }
  const opened = await openOnce(once.reveal(), contextOf(message), message.body);
  return opened ?? unreadable("BAD_COMMITMENT");
}

function contextOf(message: SealedMessage): Bytes {
  return join(message.epochHash, message.header);
}
