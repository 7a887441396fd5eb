// SPDX-License-Identifier: Apache-2.0
import type { Bytes, ConversationId } from "../../ids.ts";
import { join, label, sameBytes, slice } from "../bytes.ts";
import { type Reading, read, unreadable } from "../fault.ts";
import { hkdf, sha256 } from "../hash.ts";
import { encodeHeader, type Envelope, type MessageHeader, SEALED_EXTRA } from "../records/envelope.ts";
import type { Secret } from "../secret.ts";
import { type AccountChain, type AccountLink, type Accounts, linkAt } from "./account-chain.ts";
import { entryOf, type EpochLink } from "./epoch-chain.ts";
import { isSignedBy, verifySignature } from "./signatures.ts";

const AEAD = label("e2r/1/aead");
const NOTHING = new Uint8Array(0);

/** A message with the hash of its epoch and the key of nothing but itself, as it is shown to a judge. */
export interface Disclosure {
  readonly envelope: Envelope;
  readonly epochHash: Bytes;
  readonly onceKey: Secret;
}

/** What a device signs of a message. */
export async function messageBytes(epochHash: Bytes, header: MessageHeader, body: Bytes): Promise<Bytes> {
  return join(epochHash, await sha256(encodeHeader(header), body));
}

/** Verifies, without any secret, that a member sent this message in this epoch of this conversation. */
export async function verifyEnvelope(
  envelope: Envelope,
  conversation: ConversationId,
  { record, hash }: EpochLink,
  accounts: Accounts,
): Promise<Reading<Envelope>> {
  const { header, body, signature } = envelope;
  if (header.conversation !== conversation || header.epoch !== record.statement.epoch) {
    return unreadable("WRONG_CONTEXT");
  }
  const entry = entryOf(record.statement, header.uid);
  const account = entry?.state === "active" ? entry.account : undefined;
  const chain = accounts.get(header.uid);
  const known = linkAt(chain, account?.seq ?? 0);
  if (account === undefined || known === undefined || !sameBytes(known.hash, account.hash)) {
    return unreadable("NOT_A_SIGNER");
  }
  const key = deviceKeySince(chain, known, header);
  if (key === undefined) {
    return unreadable("NOT_A_SIGNER");
  }
  const bytes = await messageBytes(hash, header, body);
  return (await isSignedBy(key, "msg", bytes, signature)) ? read(envelope) : unreadable("BAD_SIGNATURE");
}

/** What a service checks of a report: that the device said it, and that the key shown is the only one that opens it. */
export async function verifyDisclosure(
  { envelope: { header, body, signature }, epochHash, onceKey }: Disclosure,
  dskPub: Bytes,
): Promise<Reading<true>> {
  const signed = await verifySignature(dskPub, "msg", await messageBytes(epochHash, header, body), signature);
  if (!signed.ok) {
    return signed;
  }
  const sealed = header.type === "content" || header.type === "ephemeral";
  if (!sealed || body.length < SEALED_EXTRA) {
    return unreadable("BAD_COMMITMENT");
  }
  const commitment = await hkdf(onceKey.reveal(), NOTHING, AEAD, 32);
  return sameBytes(commitment, slice(body, 32, 64)) ? read(true) : unreadable("BAD_COMMITMENT");
}

/**
 * A device that joined the account after the epoch began sends in it, too; one that left before it does not, nor one of
 * another root: whoever fakes a reset has no key to read with, but must not delete either.
 */
function deviceKeySince(
  chain: AccountChain | undefined,
  { record: first }: AccountLink,
  { deviceId }: MessageHeader,
): Bytes | undefined {
  for (const { record } of chain?.links.slice(first.statement.seq - 1) ?? []) {
    const device = record.statement.devices.find((other) => other.deviceId === deviceId);
    if (device !== undefined && sameBytes(record.statement.arkPub, first.statement.arkPub)) {
      return device.dskPub;
    }
  }
  return undefined;
}
