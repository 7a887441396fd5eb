// SPDX-License-Identifier: Apache-2.0
import {
  type ChainPlace,
  decodeEnvelope,
  decodeSelfBlob,
  disclose,
  encodeHeader,
  encodeSelfBlob,
  type Envelope,
  FIRST_PLACE,
  type MadeMessage,
  messageMaker,
  newest,
  newMsgId,
  openDisclosed,
  openMessage,
  openSelfBlob,
  readUpToOf,
  selfMaker,
  type SelfKind,
  targetOf,
  verifyDisclosure,
  verifyEnvelope,
} from "../src/index.ts";
import { unpad } from "../src/e2r/records/padding.ts";
import { each, outcome, shared } from "./each.ts";
import { bytes, hex, random, secret, type Seeded, sha256 } from "./hex.ts";
import { type Handed, TENANT, type World } from "./world.ts";

const SIZES = [0, 1, 255, 256, 257, 65_532];

type Opened = Awaited<ReturnType<World["opened"]>>;

interface MessageItem {
  readonly envelope: string;
}

/** The sizes at the limits first, then any, most of them small. */
function sizeOf(index: number, seeded: Seeded): number {
  return SIZES[index] ?? seeded.next(index % 20 === 0 ? 65_533 : 2000);
}

export const messages = shared<Handed, { place: ChainPlace }, Opened, MessageItem>(
  (world) => Promise.resolve([world.handed(world.mine), { place: FIRST_PLACE }]),
  async (world, own, seeded, index) => {
    const sender = { uid: world.uid, keys: world.keys, epoch: world.mine.link };
    const ttl = seeded.next(3) * 3600;
    const kind = index < SIZES.length ? 0 : seeded.next(5);
    const target = newMsgId();
    const upTo = seeded.next(1_000_000);
    const content = random(sizeOf(index, seeded));
    let made: MadeMessage;
    let expected: string;
    if (kind < 3) {
      made =
        kind < 2
          ? await messageMaker.content(sender, world.mine.key, own.place, content, ttl)
          : await messageMaker.ephemeral(sender, world.mine.key, content, ttl);
      expected = await sha256(content);
    } else if (kind === 3) {
      made = await messageMaker.tombstone(sender, own.place, target);
      expected = target;
    } else {
      made = await messageMaker.receipt(sender, upTo);
      expected = String(upTo);
    }
    if (made.envelope.header.seq > 0) {
      own.place = { seq: own.place.seq + 1, prev: made.hash };
    }
    return [{ envelope: hex(made.bytes) }, expected];
  },
  (world, handed) => world.opened(handed),
  async (world, { chain, epoch, key }, item) => {
    const decoded = decodeEnvelope(bytes(item.envelope));
    if (!decoded.ok) {
      return decoded.fault;
    }
    const envelope = decoded.value;
    const { type } = envelope.header;
    if (type === "content" || type === "ephemeral") {
      const content = await openMessage(envelope, chain.conversation, epoch, world.accounts, key);
      return content.ok ? sha256(content.value) : content.fault;
    }
    const verified = await verifyEnvelope(envelope, chain.conversation, epoch, world.accounts);
    return outcome(verified, () =>
      type === "tombstone" ? targetOf(envelope) : String(readUpToOf(envelope)),
    );
  },
);

interface DisclosureItem extends MessageItem {
  readonly epoch_hash: string;
  readonly mk: string;
}

const partsOf = ({ header, body }: Envelope, epochHash: ReturnType<typeof bytes>) => {
  return { epochHash, header: encodeHeader(header), body };
};

export const disclosures = each<DisclosureItem>(
  async (world, seeded) => {
    const content = random(seeded.next(500));
    const { key, link } = world.mine;
    const sender = { uid: world.uid, keys: world.keys, epoch: link };
    const made = await messageMaker.content(sender, key, FIRST_PLACE, content);
    const mk = await disclose(key, partsOf(made.envelope, link.hash));
    if (!mk.ok) {
      throw new Error(mk.fault);
    }
    const item = { envelope: hex(made.bytes), epoch_hash: hex(link.hash), mk: hex(mk.value.reveal()) };
    return [item, hex(content)];
  },
  async (world, item) => {
    const decoded = decodeEnvelope(bytes(item.envelope));
    if (!decoded.ok) {
      return decoded.fault;
    }
    const [envelope, epochHash, onceKey] = [decoded.value, bytes(item.epoch_hash), secret(item.mk)];
    const shown = await verifyDisclosure({ envelope, epochHash, onceKey }, bytes(world.other.dsk_pub));
    if (!shown.ok) {
      return shown.fault;
    }
    const padded = await openDisclosed(onceKey, partsOf(envelope, epochHash));
    return padded.ok ? outcome(unpad(padded.value), hex) : padded.fault;
  },
);

const SELF_KINDS: readonly SelfKind[] = ["heads", "verified", "labels", "settings"];

/** By my device in the other's account. */
export const selfBlobs = each<{ readonly blob: string }>(
  async (world, seeded, index) => {
    const owner = { tenant: TENANT, uid: world.other.uid };
    const content = random(index === 0 ? 0 : index === 1 ? 262_140 : seeded.next(2000));
    const kind = SELF_KINDS[seeded.next(4)]!;
    const aekPub = newest(world.otherChain).record.statement.aekPub;
    const blob = await selfMaker.make(owner, world.keys, aekPub, kind, 1 + seeded.next(1e9), content);
    return [{ blob: hex(encodeSelfBlob(blob)) }, await sha256(content)];
  },
  async (world, { blob }) => {
    const decoded = decodeSelfBlob(bytes(blob));
    if (!decoded.ok) {
      return decoded.fault;
    }
    const owner = { tenant: TENANT, uid: world.uid };
    const { devices } = newest(world.chain).record.statement;
    const opened = await openSelfBlob(owner, decoded.value, devices, [world.aek.keys], 0);
    return opened.ok ? sha256(opened.value) : opened.fault;
  },
);
