// SPDX-License-Identifier: Apache-2.0
// The two who meet: each has an account with a device of its own, and one of the other's as well.
import {
  type AccountChain,
  accountMaker,
  type Accounts,
  type AgreementKeys,
  conversationMaker,
  decodeAccountRecord,
  decodeEpochRecord,
  decodeGenesis,
  type DeviceKeys,
  type DeviceOffer,
  encodeAccountRecord,
  encodeEpochRecord,
  encodeGenesis,
  type EpochChain,
  type EpochLink,
  extendEpochChain,
  type Fresh,
  generateAccountKeys,
  generateUserKeys,
  conversationIdOf,
  type MadeConversation,
  newDevice,
  newest,
  offerDevice,
  openEpoch,
  type Reading,
  type SealKey,
  type SigningKeys,
  startEpochChain,
  type TenantId,
  type Uid,
  verifyAccountChain,
  newestEpoch,
  type DeviceId,
} from "../src/index.ts";
import { bytes, hex, random } from "./hex.ts";

export const NOW_MS = 1_790_000_000_000;
export const TENANT = "70".repeat(16) as TenantId;

/** Somebody as the other side shows itself before there is an account. */
export interface Shown {
  readonly uid: Uid;
  readonly ark_pub: string;
  readonly device_id: DeviceId;
  readonly dsk_pub: string;
  readonly dek_pub: string;
}

interface Offered {
  readonly possession: string;
}

/** A conversation as it is handed over: its records, and the wrap of the last epoch's key for whoever reads. */
export interface Handed {
  readonly genesis: string;
  readonly epochs: readonly string[];
  readonly wrap: string;
}

export function value<T>(reading: Reading<T>): T {
  if (!reading.ok) {
    throw new Error(reading.fault);
  }
  return reading.value;
}

export class World {
  other!: Shown;
  chain!: AccountChain;
  otherChain!: AccountChain;
  accounts!: Accounts;
  /** My own conversation, in which the other one is. */
  mine!: MadeConversation;

  private constructor(
    readonly uid: Uid,
    readonly keys: DeviceKeys,
    readonly ark: Fresh<SigningKeys>,
    readonly aek: Fresh<AgreementKeys>,
  ) {}

  static async create(): Promise<World> {
    const [keys, ark, aek] = await Promise.all([newDevice(), generateAccountKeys(), generateUserKeys()]);
    return new World(hex(random(16)) as Uid, keys, ark, aek);
  }

  /** What the other side has to know to offer its device to me. */
  offer(): Shown {
    return {
      uid: this.uid,
      ark_pub: hex(this.ark.keys.publicKey),
      device_id: this.keys.device,
      dsk_pub: hex(this.keys.signing.publicKey),
      dek_pub: hex(this.keys.agreement.publicKey),
    };
  }

  /** Offers my device to the other's account. */
  async meet(other: Shown): Promise<Offered> {
    this.other = other;
    const account = { tenant: TENANT, uid: other.uid, arkPub: bytes(other.ark_pub) };
    return { possession: hex((await offerDevice(this.keys, account)).possession) };
  }

  /** My account, with the other's device in it. */
  async begin({ possession }: Offered): Promise<{ readonly record: string; readonly wrap: string }> {
    const account = { tenant: TENANT, uid: this.uid, arkPub: this.ark.keys.publicKey };
    const theirs: DeviceOffer = {
      deviceId: this.other.device_id,
      dskPub: bytes(this.other.dsk_pub),
      dekPub: bytes(this.other.dek_pub),
      possession: bytes(possession),
    };
    const offers = [await offerDevice(this.keys, account), theirs];
    const made = await accountMaker.create(TENANT, this.uid, this.ark.keys, this.aek, offers, NOW_MS);
    this.chain = made.chain;
    const record = hex(encodeAccountRecord(made.record));
    return { record, wrap: hex(made.wraps.get(this.other.device_id) as Uint8Array) };
  }

  /** The other's account; then my conversation with it. */
  async know({ record }: { readonly record: string }): Promise<null> {
    this.otherChain = value(await verifyAccountChain([value(decodeAccountRecord(bytes(record)))]));
    this.accounts = new Map([
      [this.uid, this.chain],
      [this.other.uid, this.otherChain],
    ]);
    this.mine = await this.converse();
    return null;
  }

  get actor() {
    return { keys: this.keys, account: this.chain };
  }

  get roster() {
    return [
      { uid: this.uid, role: "admin", state: "active" },
      { uid: this.other.uid, role: "member", state: "active" },
    ] as const;
  }

  converse(): Promise<MadeConversation> {
    const settings = {
      type: "group",
      history: "full",
      addPolicy: "any-member",
      rewrap: "ask",
      initialTtlS: 0,
    } as const;
    return conversationMaker.start(this.actor, settings, this.roster, this.accounts, NOW_MS);
  }

  /** For the other, as far as its last epoch. */
  handed({ genesis, chain, wraps }: Pick<MadeConversation, "genesis" | "chain" | "wraps">): Handed {
    return {
      genesis: hex(encodeGenesis(genesis)),
      epochs: chain.links.map(({ record }) => hex(encodeEpochRecord(record))),
      wrap: hex(wraps.get(this.other.uid) as Uint8Array),
    };
  }

  /** Verifies what the other hands over; the first fault ends it. */
  async verified({ genesis, epochs }: Handed): Promise<Reading<EpochChain>> {
    const decoded = decodeGenesis(bytes(genesis));
    if (!decoded.ok) {
      return decoded;
    }
    const conversation = await conversationIdOf(decoded.value.statement);
    let chain = await startEpochChain(conversation, decoded.value, this.accounts);
    for (const epoch of epochs) {
      const record = decodeEpochRecord(bytes(epoch));
      if (!record.ok) {
        return record;
      }
      if (chain.ok) {
        chain = await extendEpochChain(chain.value, record.value, this.accounts);
      }
    }
    return chain;
  }

  /** My own keys, for what others wrapped for me. */
  get recipient() {
    const { aekGen } = newest(this.chain).record.statement;
    return { account: this.chain, keys: new Map([[aekGen, this.aek.keys]]) };
  }

  /** The last epoch and its key. */
  async opened(
    handed: Handed,
  ): Promise<{ readonly chain: EpochChain; readonly epoch: EpochLink; readonly key: SealKey }> {
    const chain = value(await this.verified(handed));
    const epoch = newestEpoch(chain) as EpochLink;
    const key = await openEpoch(epoch, this.recipient, bytes(handed.wrap));
    if (!key.ok) {
      throw new Error(key.fault);
    }
    return { chain, epoch, key: key.value };
  }
}
