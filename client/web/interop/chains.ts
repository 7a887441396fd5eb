// SPDX-License-Identifier: Apache-2.0
import {
  accountMaker,
  conversationMaker,
  decodeAccountRecord,
  decodeGrant,
  encodeAccountRecord,
  encodeGrant,
  epochAt,
  generateAccountKeys,
  generateUserKeys,
  type MadeAccount,
  type MadeEpoch,
  newDevice,
  newest,
  newestEpoch,
  offerDevice,
  openEpoch,
  openGrant,
  openHistory,
  revealEpoch,
  verifyAccountChain,
  type AccountRecord,
  type EpochLink,
  type Uid,
} from "../src/index.ts";
import { each, outcome, shared } from "./each.ts";
import { bytes, hex, random, type Seeded } from "./hex.ts";
import { type Handed, NOW_MS, TENANT, type World } from "./world.ts";

/** The records of an account with up to six changes. */
export const accounts = each<{ readonly records: readonly string[] }>(
  async (_, seeded) => {
    const made = await lifeOf(seeded);
    const records = made.at(-1)!.chain.links.map(({ record }) => hex(encodeAccountRecord(record)));
    return [{ records }, `${made.length} ${hex(made.at(-1)!.hash)}`];
  },
  async (_, { records }) => {
    const decoded: AccountRecord[] = [];
    for (const record of records.map(bytes).map(decodeAccountRecord)) {
      if (!record.ok) {
        return record.fault;
      }
      decoded.push(record.value);
    }
    return outcome(
      await verifyAccountChain(decoded),
      (chain) => `${chain.links.length} ${hex(newest(chain).hash)}`,
    );
  },
);

async function lifeOf(seeded: Seeded): Promise<readonly MadeAccount[]> {
  const uid = hex(random(16)) as Uid;
  const [ark, other] = [await generateAccountKeys(), await generateAccountKeys()];
  const [first, second, third] = [await newDevice(), await newDevice(), await newDevice()];
  const account = { tenant: TENANT, uid, arkPub: ark.keys.publicKey };
  const aek = await generateUserKeys();
  const firstOffer = [await offerDevice(first, account)];
  const made = [await accountMaker.create(TENANT, uid, ark.keys, aek, firstOffer, NOW_MS)];
  const chain = () => made.at(-1)!.chain;
  const steps = [
    async (now: number) =>
      accountMaker.addDevices(chain(), ark.keys, aek.secret, [await offerDevice(second, account)], now),
    async (now: number) => accountMaker.rotateKey(chain(), ark.keys, await generateUserKeys(), now),
    async (now: number) =>
      accountMaker.revokeDevices(chain(), ark.keys, await generateUserKeys(), new Set([second.device]), now),
    async (now: number) => {
      const offers = [await offerDevice(third, { ...account, arkPub: other.keys.publicKey })];
      const by = [
        { by: "nobody" } as const,
        { by: "root", ark: ark.keys } as const,
        { by: "device", keys: first } as const,
      ][seeded.next(3)]!;
      return accountMaker.reset(chain(), other.keys, await generateUserKeys(), offers, by, now);
    },
    async (now: number) => accountMaker.vetoReset(chain(), ark.keys, await generateUserKeys(), now),
  ];
  for (const step of steps.slice(0, seeded.next(steps.length + 1))) {
    made.push(await step(NOW_MS + made.length * 60_000));
  }
  return made;
}

/** A conversation of up to three epochs; its keys, from the newest backwards. */
export const conversations = each<Handed>(
  async (world, seeded) => {
    const started = await world.converse();
    let last: MadeEpoch = started;
    for (let i = seeded.next(3); i > 0; i--) {
      last = await nextEpoch(world, last);
    }
    const handed = world.handed({ ...started, chain: last.chain, wraps: last.wraps });
    return [handed, `${last.chain.links.length} ${hex(last.link.hash)}`];
  },
  async (world, handed) => {
    const chain = await world.verified(handed);
    if (!chain.ok) {
      return chain.fault;
    }
    const epoch = newestEpoch(chain.value) as EpochLink;
    const key = await openEpoch(epoch, world.recipient, bytes(handed.wrap));
    if (!key.ok) {
      return key.fault;
    }
    const { keys } = await openHistory(chain.value, epoch.record.statement.epoch, key.value);
    return `${keys.size} ${hex(epoch.hash)}`;
  },
);

async function nextEpoch(world: World, last: MadeEpoch): Promise<MadeEpoch> {
  const own = await revealEpoch(last.link, world.recipient, last.wraps.get(world.uid)!);
  if (!own.ok) {
    throw new Error(own.fault);
  }
  const change = { reason: "by-user", roster: world.roster, previousKey: own.value } as const;
  return conversationMaker.nextEpoch(last.chain, world.actor, change, world.accounts, NOW_MS);
}

interface GrantItem {
  readonly grant: string;
  readonly wrap: string;
}

export const grants = shared<Handed, MadeEpoch, Awaited<ReturnType<World["opened"]>>, GrantItem>(
  async (world) => {
    const made = await nextEpoch(world, world.mine);
    return [world.handed({ ...world.mine, chain: made.chain, wraps: made.wraps }), made];
  },
  async (world, made, seeded) => {
    const kind = seeded.next(2) === 0 ? "rewrapped" : "shared";
    const epoch = epochAt(made.chain, 1)!;
    const key = await revealEpoch(epoch, world.recipient, world.mine.wraps.get(world.uid)!);
    if (!key.ok) {
      throw new Error(key.fault);
    }
    const granting = { epoch, key: key.value, grantee: world.otherChain, kind } as const;
    const { grant, hash, wrap } = await conversationMaker.grant(
      made.chain,
      world.actor,
      granting,
      world.accounts,
      NOW_MS,
    );
    return [{ grant: hex(encodeGrant(grant)), wrap: hex(wrap) }, `opened ${hash.length}`];
  },
  (world, handed) => world.opened(handed),
  async (world, { chain }, { grant, wrap }) => {
    const decoded = decodeGrant(bytes(grant));
    if (!decoded.ok) {
      return decoded.fault;
    }
    const opened = await openGrant(chain, decoded.value, world.accounts, world.recipient, bytes(wrap));
    return opened.ok ? "opened 32" : opened.fault;
  },
);
