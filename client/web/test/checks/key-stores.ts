// SPDX-License-Identifier: Apache-2.0
// What every key store keeps to: the one in memory in Node, the one of IndexedDB in a browser.
import { AlreadyKeptError, type KeyStore } from "../../src/e2r/key-store.ts";
import { AgreementKeys, generateUserKeys, type SealKey, sealKey, SigningKeys } from "../../src/e2r/keys.ts";
import { open, seal } from "../../src/e2r/seal.ts";
import { isSignedBy } from "../../src/e2r/verify/signatures.ts";
import { openConversationKey, wrapConversationKey } from "../../src/e2r/wraps.ts";
import { Secret } from "../../src/e2r/secret.ts";
import type { Bytes, ConversationId, DeviceId, Uid } from "../../src/ids.ts";
import { filled, hex, refuses, Tally } from "./tally.ts";

const DEVICE = "d1".repeat(16) as DeviceId;
const GENERATIONS = [1, 2, 10] as const;
const CONVERSATIONS = ["c0", "c1"].map((byte) => byte.repeat(32) as ConversationId);
const EPOCHS = [1, 7] as const;
const TEXT = filled(7, 100);
const NOTHING = new Uint8Array(0);
const WRAP = {
  conversation: "c0".repeat(32) as ConversationId,
  epoch: 7,
  uid: "bb".repeat(16) as Uid,
  aekGen: 2,
  hash: filled(0xe0),
};

/** What was made with the keys before they were kept; has to go on working with what comes back. */
export interface Before {
  readonly dskPub: Bytes;
  readonly dekPub: Bytes;
  readonly wrapped: Bytes;
  readonly sealed: Bytes;
}

/** Fills an empty store. */
export async function fillKeyStore(store: KeyStore): Promise<[Tally, Before]> {
  const tally = new Tally("key store filled");
  tally.check("no device yet", (await store.deviceKeys()) === undefined);
  tally.check("no user's key yet", (await store.userKeys(1)) === undefined);
  tally.same("generations", await store.generations(), []);
  const [signing, agreement] = await Promise.all([SigningKeys.generate(), AgreementKeys.generate()]);
  await store.keepDeviceKeys({ device: DEVICE, signing, agreement });
  const again = { device: DEVICE, signing: await SigningKeys.generate(), agreement };
  tally.check("a second device", await refuses(() => store.keepDeviceKeys(again), AlreadyKeptError));
  const users = new Map<number, AgreementKeys>();
  for (const generation of [...GENERATIONS].reverse()) {
    users.set(generation, (await generateUserKeys()).keys);
    await store.keepUserKeys(generation, users.get(generation) as AgreementKeys);
  }
  for (const conversation of CONVERSATIONS) {
    for (const epoch of EPOCHS) {
      await store.keepConversationKey(conversation, epoch, await keyOf(conversation, epoch));
    }
  }
  await checkExtractable(tally, store);
  const sealed = await seal(await keyOf(WRAP.conversation, WRAP.epoch), "e2r/1/msg", NOTHING, TEXT);
  const user = users.get(WRAP.aekGen) as AgreementKeys;
  const wrapped = await wrapConversationKey(new Secret(filled(0x11)), user.publicKey, WRAP);
  return [tally, { dskPub: signing.publicKey, dekPub: agreement.publicKey, wrapped, sealed }];
}

/** Looks at a store that was filled, in this run of the program or an earlier one, then empties it. */
export async function checkKeyStore(store: KeyStore, before: Before): Promise<Tally> {
  const tally = new Tally("key store");
  const device = await store.deviceKeys();
  tally.same("device", device?.device, DEVICE);
  tally.same("DSK", device && hex(device.signing.publicKey), hex(before.dskPub));
  tally.same("DEK", device && hex(device.agreement.publicKey), hex(before.dekPub));
  tally.same("generations", await store.generations(), GENERATIONS);
  const signature = await device?.signing.sign("auth", TEXT);
  tally.check("signs", !!signature && (await isSignedBy(before.dskPub, "auth", TEXT, signature)));
  const privateKeys = [device?.signing.privateKey, device?.agreement.privateKey];
  for (const generation of GENERATIONS) {
    privateKeys.push((await store.userKeys(generation))?.privateKey);
  }
  for (const key of privateKeys) {
    for (const format of ["jwk", "pkcs8"] as const) {
      tally.check(`${format} of a private key`, await isRefusedExport(format, key));
    }
  }
  for (const conversation of CONVERSATIONS) {
    for (const epoch of EPOCHS) {
      const key = await store.conversationKey(conversation, epoch);
      tally.check(`raw of ${conversation}/${epoch}`, await isRefusedExport("raw", key));
    }
  }
  tally.check("no other epoch", (await store.conversationKey(WRAP.conversation, 8)) === undefined);
  const key = (await store.conversationKey(WRAP.conversation, WRAP.epoch)) as SealKey;
  tally.check("opens what was sealed", (await open(key, "e2r/1/msg", NOTHING, before.sealed)).ok);
  const user = (await store.userKeys(WRAP.aekGen)) as AgreementKeys;
  tally.check("opens a wrap", (await openConversationKey(user, WRAP, before.wrapped)).ok);
  await store.clear();
  tally.check(
    "cleared",
    (await store.deviceKeys()) === undefined && (await store.generations()).length === 0,
  );
  tally.check("all of it", (await store.conversationKey(WRAP.conversation, WRAP.epoch)) === undefined);
  return tally;
}

/** A key that could be exported is never kept. */
async function checkExtractable(tally: Tally, store: KeyStore): Promise<void> {
  const curve = { name: "ECDH", namedCurve: "P-256" };
  const pair = (await crypto.subtle.generateKey(curve, true, ["deriveBits"])) as CryptoKeyPair;
  const keys = new AgreementKeys(filled(4, 65), pair.privateKey);
  tally.check("a key that can be exported", await refuses(() => store.keepUserKeys(11, keys)));
}

function keyOf(conversation: ConversationId, epoch: number): Promise<SealKey> {
  return sealKey(filled(CONVERSATIONS.indexOf(conversation) * 16 + epoch));
}

async function isRefusedExport(
  format: "raw" | "jwk" | "pkcs8",
  key: CryptoKey | undefined,
): Promise<boolean> {
  return key !== undefined && refuses(() => crypto.subtle.exportKey(format, key), DOMException);
}
