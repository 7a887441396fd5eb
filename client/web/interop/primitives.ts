// SPDX-License-Identifier: Apache-2.0
import {
  type DeviceId,
  generateAccountKeys,
  generateUserKeys,
  importSigningKeys,
  newConversationSecret,
  openAccountKey,
  openUserKey,
  revealConversationKey,
  safetyNumber,
  signLogin,
  type Uid,
  type ConversationId,
  verifyLogin,
  verifySignature,
  wrapAccountKey,
  wrapConversationKey,
  wrapUserKey,
} from "../src/index.ts";
// How two sides see that they have the same key; applications seal messages, files and backups.
import { sealKey } from "../src/e2r/keys.ts";
import { open, seal } from "../src/e2r/seal.ts";
import { each, outcome } from "./each.ts";
import { bytes, hex, random } from "./hex.ts";
import { NOW_MS, TENANT } from "./world.ts";

const LABEL = "e2r/1/msg";

interface WrapItem {
  readonly conversation: ConversationId;
  readonly epoch: number;
  readonly generation: number;
  readonly hash: string;
  readonly wrap: string;
  readonly context: string;
  readonly sealed: string;
}

export const wraps = each<WrapItem>(
  async (world, seeded) => {
    const conversation = hex(random(32)) as ConversationId;
    const [epoch, generation] = [1 + seeded.next(1_000_000), 1 + seeded.next(1000)];
    const [key, hash, context] = [newConversationSecret(), random(32), random(seeded.next(300))];
    const content = random(seeded.next(600));
    const what = { conversation, epoch, uid: world.other.uid, aekGen: generation, hash };
    const wrap = await wrapConversationKey(key, world.otherChain.links[0]!.record.statement.aekPub, what);
    const sealed = await seal(await sealKey(key.reveal()), LABEL, context, content);
    const item = { conversation, epoch, generation, hash: hex(hash), wrap: hex(wrap) };
    return [{ ...item, context: hex(context), sealed: hex(sealed) }, hex(content)];
  },
  async (world, item) => {
    const { conversation, epoch, generation: aekGen } = item;
    const what = { conversation, epoch, uid: world.uid, aekGen, hash: bytes(item.hash) };
    const key = await revealConversationKey(world.aek.keys, what, bytes(item.wrap));
    return key.ok
      ? outcome(
          await open(await sealKey(key.value.reveal()), LABEL, bytes(item.context), bytes(item.sealed)),
          hex,
        )
      : key.fault;
  },
);

interface DeviceItem {
  readonly device: DeviceId;
  readonly generation: number;
  readonly hash: string;
  readonly expected: string;
  readonly wrap: string;
}

export const devices = each<DeviceItem>(
  async (world, seeded) => {
    const { keys, secret } = await generateUserKeys();
    const [hash, aekGen] = [random(32), 1 + seeded.next(1000)];
    const device = world.other.device_id;
    const what = { tenant: TENANT, uid: world.uid, device, aekGen, recordHash: hash };
    const wrap = await wrapUserKey(secret, bytes(world.other.dek_pub), what);
    const expected = hex(keys.publicKey);
    return [{ device, generation: aekGen, hash: hex(hash), expected, wrap: hex(wrap) }, expected];
  },
  async (world, { device, generation: aekGen, hash, expected, wrap }) => {
    const what = { tenant: TENANT, uid: world.other.uid, device, aekGen, recordHash: bytes(hash) };
    const opened = await openUserKey(world.keys.agreement, what, bytes(expected), bytes(wrap));
    return outcome(opened, (keys) => hex(keys.publicKey));
  },
);

type RootItem = Omit<DeviceItem, "generation">;

export const roots = each<RootItem>(
  async (world) => {
    const { keys, secret } = await generateAccountKeys();
    const hash = random(32);
    const device = world.other.device_id;
    const what = { tenant: TENANT, uid: world.uid, device, recordHash: hash };
    const wrap = await wrapAccountKey(secret, bytes(world.other.dek_pub), what);
    const expected = hex(keys.publicKey);
    return [{ device, hash: hex(hash), expected, wrap: hex(wrap) }, expected];
  },
  async (world, { device, hash, expected, wrap }) => {
    const what = { tenant: TENANT, uid: world.other.uid, device, recordHash: bytes(hash) };
    const opened = await openAccountKey(world.keys.agreement, what, bytes(expected), bytes(wrap));
    return outcome(opened, (keys) => hex(keys.publicKey));
  },
);

const NAMES = ["account", "account-cont", "dev-pop", "genesis", "epoch", "grant", "msg", "self", "auth"];

interface SignatureItem {
  readonly name: string;
  readonly signed: string;
  readonly public: string;
  readonly signature: string;
}

export const signatures = each<SignatureItem>(
  async (_, seeded, index) => {
    const fresh = await generateAccountKeys();
    const imported = await importSigningKeys(fresh.secret, fresh.keys.publicKey);
    const keys = imported.ok ? imported.value : fresh.keys;
    const [name, signed] = [NAMES[index % NAMES.length] as string, random(seeded.next(2000))];
    const signature = hex(await keys.sign(name, signed));
    return [{ name, signed: hex(signed), public: hex(keys.publicKey), signature }, "signed"];
  },
  async (_, { name, signed, public: point, signature }) =>
    outcome(await verifySignature(bytes(point), name, bytes(signed), bytes(signature)), () => "signed"),
);

interface LoginItem {
  readonly nonce: string;
  readonly audience: string;
  readonly ms: number;
  readonly signature: string;
}

export const logins = each<LoginItem>(
  async (world, seeded) => {
    const [nonce, audience, ms] = [random(32), "ä€".repeat(seeded.next(40)), NOW_MS + seeded.next(1_000_000)];
    const login = { tenant: TENANT, uid: world.uid, nonce, audience, ms };
    const signature = hex(await signLogin(world.keys, login));
    return [{ nonce: hex(nonce), audience, ms, signature }, "signed"];
  },
  async (world, { nonce, audience, ms, signature }) => {
    const { uid, device_id: deviceId, dsk_pub } = world.other;
    const login = { tenant: TENANT, uid, deviceId, nonce: bytes(nonce), audience, ms };
    return outcome(await verifyLogin(bytes(dsk_pub), login, bytes(signature)), () => "signed");
  },
);

interface SafetyItem {
  readonly uid: Uid;
  readonly ark_pub: string;
  readonly other_uid: Uid;
  readonly other_ark_pub: string;
}

const digitsOf = ({ uid, ark_pub, other_uid, other_ark_pub }: SafetyItem) =>
  safetyNumber({ uid, arkPub: bytes(ark_pub) }, { uid: other_uid, arkPub: bytes(other_ark_pub) });

export const safetyNumbers = each<SafetyItem>(
  async () => {
    const [one, other] = await Promise.all([generateAccountKeys(), generateAccountKeys()]);
    const item: SafetyItem = {
      uid: hex(random(16)) as Uid,
      ark_pub: hex(one.keys.publicKey),
      other_uid: hex(random(16)) as Uid,
      other_ark_pub: hex(other.keys.publicKey),
    };
    return [item, await digitsOf(item)];
  },
  (_, item) => digitsOf(item),
);
