// SPDX-License-Identifier: Apache-2.0
// account.json, genesis.json, epoch.json: records that are verified behind others.
import { type Reading, unreadable } from "../../src/e2r/fault.ts";
import { sealKey } from "../../src/e2r/keys.ts";
import {
  type AccountRecord,
  decodeAccountRecord,
  encodeAccountRecord,
} from "../../src/e2r/records/account.ts";
import { decodeEpochRecord, encodeEpochRecord } from "../../src/e2r/records/epoch.ts";
import { decodeGenesis, encodeGenesis, type Genesis } from "../../src/e2r/records/genesis.ts";
import { seal, sealWith } from "../../src/e2r/seal.ts";
import {
  type AccountChain,
  type Accounts,
  extendAccountChain,
  verifyAccountChain,
  verifyAccountRecord,
} from "../../src/e2r/verify/account-chain.ts";
import { type EpochChain, extendEpochChain, startEpochChain } from "../../src/e2r/verify/epoch-chain.ts";
import {
  accountHash,
  conversationIdOf,
  epochHash,
  genesisHash,
  keyCommitment,
} from "../../src/e2r/verify/hashes.ts";
import { historyContext, HISTORY_LABEL } from "../../src/e2r/making/conversation.ts";
import { type Bytes, idOf, type Uid } from "../../src/ids.ts";
import { accountFields, epochFields, type Fields, genesisFields } from "./fields.ts";
import { Given } from "./given.ts";
import { bytes, type Findings, type VectorFile } from "./reading.ts";

interface RecordCase {
  readonly name: string;
  readonly bytes: string;
}

interface Positive extends RecordCase {
  readonly fields: Fields;
}

interface AccountCase extends RecordCase {
  readonly chain: readonly string[];
}

type AccountFile = VectorFile<
  AccountCase & Positive & { readonly record_hash: string },
  AccountCase,
  AccountCase
>;

export async function checkAccount(file: AccountFile, findings: Findings): Promise<void> {
  const named = new Map(file.positive.map((one) => [one.name, bytes(one.bytes)]));
  const chains = new Map<string, Promise<AccountChain>>();
  const outcome = async (names: readonly string[], record: Bytes): Promise<Reading<unknown>> => {
    const decoded = decodeAccountRecord(record);
    if (!decoded.ok) {
      return decoded;
    }
    if (names.length === 0) {
      return verifyAccountRecord(decoded.value);
    }
    const key = names.join("\n");
    if (!chains.has(key)) {
      chains.set(key, chainOf(names.map((name) => named.get(name) as Bytes)));
    }
    return extendAccountChain(await chains.get(key), decoded.value);
  };
  for (const { name, chain, bytes: hex, fields, record_hash } of file.positive) {
    findings.value(name, "verifying", await outcome(chain, bytes(hex)));
    const record = findings.value(name, "reading", decodeAccountRecord(bytes(hex)));
    findings.equal(name, "the fields", accountFields(record), fields);
    await findings.same(name, "the record written anew", encodeAccountRecord(record), hex);
    await findings.same(name, "record_hash", await accountHash(record.statement), record_hash);
    findings.positive++;
  }
  for (const { name, chain, bytes: hex, fault } of file.negative) {
    findings.fault(name, await outcome(chain, bytes(hex)), fault);
    findings.negative++;
  }
  for (const one of file.altered) {
    await findings.altered(one.name, bytes(one.bytes), one, (altered) => outcome(one.chain, altered));
  }
}

async function chainOf(records: readonly Bytes[]): Promise<AccountChain> {
  const decoded = records.map(decodeAccountRecord).map((one) => (one.ok ? one.value : undefined));
  const chain = await verifyAccountChain(decoded as readonly AccountRecord[]);
  if (!chain.ok) {
    throw new Error(`the chain does not hold: ${chain.fault}`);
  }
  return chain.value;
}

/** Everybody's records in their order, as the chains that they are. */
async function accountsOf(records: readonly string[]): Promise<Accounts> {
  const byUser = new Map<Uid, Bytes[]>();
  for (const record of records.map(bytes)) {
    const uid = idOf<Uid>(record.slice(19, 35));
    byUser.set(uid, [...(byUser.get(uid) ?? []), record]);
  }
  const chains = await Promise.all([...byUser].map(async ([uid, own]) => [uid, await chainOf(own)] as const));
  return new Map(chains);
}

/** The sets of accounts at the head of a file, each verified once. */
export class World {
  readonly #accounts = new Map<string, Promise<Accounts>>();

  constructor(private readonly sets: Readonly<Record<string, readonly string[]>>) {}

  accounts(name: string): Promise<Accounts> {
    let accounts = this.#accounts.get(name);
    if (accounts === undefined) {
      accounts = accountsOf(this.sets[name] as readonly string[]);
      this.#accounts.set(name, accounts);
    }
    return accounts;
  }
}

interface WorldHead {
  readonly accounts: Readonly<Record<string, readonly string[]>>;
}

interface WorldCase extends RecordCase {
  readonly accounts: string;
}

type GenesisFile = WorldHead &
  VectorFile<
    WorldCase & Positive & { readonly conv_id: string; readonly genesis_hash: string },
    WorldCase,
    WorldCase
  >;

/** As somebody verifies it who was told its id by itself. */
export async function startOf(genesis: Genesis, accounts: Accounts): Promise<Reading<EpochChain>> {
  return startEpochChain(await conversationIdOf(genesis.statement), genesis, accounts);
}

export async function checkGenesis(file: GenesisFile, findings: Findings): Promise<void> {
  const world = new World(file.accounts);
  const outcome = async (accounts: string, record: Bytes): Promise<Reading<unknown>> => {
    const decoded = decodeGenesis(record);
    return decoded.ok ? startOf(decoded.value, await world.accounts(accounts)) : decoded;
  };
  for (const { name, accounts, bytes: hex, fields, conv_id, genesis_hash } of file.positive) {
    findings.value(name, "verifying", await outcome(accounts, bytes(hex)));
    const genesis = findings.value(name, "reading", decodeGenesis(bytes(hex)));
    findings.equal(name, "the fields", genesisFields(genesis), fields);
    await findings.same(name, "the record written anew", encodeGenesis(genesis), hex);
    findings.equal(name, "conv_id", await conversationIdOf(genesis.statement), conv_id);
    await findings.same(name, "genesis_hash", await genesisHash(genesis.statement), genesis_hash);
    const other = await startEpochChain(idOf(new Uint8Array(32)), genesis, await world.accounts(accounts));
    findings.fault(`${name} under another id`, other, "WRONG_CONTEXT");
    findings.positive++;
  }
  for (const { name, accounts, bytes: hex, fault } of file.negative) {
    findings.fault(name, await outcome(accounts, bytes(hex)), fault);
    findings.negative++;
  }
  for (const one of file.altered) {
    await findings.altered(one.name, bytes(one.bytes), one, (altered) => outcome(one.accounts, altered));
  }
}

interface EpochCase extends WorldCase {
  readonly chain: readonly string[];
}

interface EpochPositive extends EpochCase, Positive {
  readonly epoch_hash: string;
  readonly key: string;
  readonly key_before?: string;
  readonly link_salt?: string;
}

type EpochFile = WorldHead & { readonly genesis: string } & VectorFile<EpochPositive, EpochCase, EpochCase>;

/** The epochs of one conversation by their names, and the chains that they form. */
export class Epochs {
  readonly #chains = new Map<string, Promise<EpochChain>>();

  constructor(
    private readonly genesis: Bytes,
    private readonly world: World,
    private readonly records: ReadonlyMap<string, Bytes>,
  ) {}

  chain(names: readonly string[], accounts: string): Promise<EpochChain> {
    const key = [accounts, ...names].join("\n");
    let chain = this.#chains.get(key);
    if (chain === undefined) {
      chain = this.#verify(names, accounts);
      this.#chains.set(key, chain);
    }
    return chain;
  }

  async #verify(names: readonly string[], accounts: string): Promise<EpochChain> {
    const known = await this.world.accounts(accounts);
    const genesis = decodeGenesis(this.genesis);
    let chain: Reading<EpochChain> = genesis.ok ? await startOf(genesis.value, known) : genesis;
    for (const name of names) {
      const record = decodeEpochRecord(this.records.get(name) as Bytes);
      if (!chain.ok || !record.ok) {
        break;
      }
      chain = await extendEpochChain(chain.value, record.value, known);
    }
    if (!chain.ok) {
      throw new Error(`the chain does not hold: ${chain.fault}`);
    }
    return chain.value;
  }
}

export async function checkEpoch(file: EpochFile, findings: Findings): Promise<void> {
  const world = new World(file.accounts);
  const named = new Map(file.positive.map((one) => [one.name, bytes(one.bytes)]));
  const epochs = new Epochs(bytes(file.genesis), world, named);
  const outcome = async (one: EpochCase, record: Bytes): Promise<Reading<unknown>> => {
    const decoded = decodeEpochRecord(record);
    return decoded.ok
      ? extendEpochChain(
          await epochs.chain(one.chain, one.accounts),
          decoded.value,
          await world.accounts(one.accounts),
        )
      : unreadable(decoded.fault);
  };
  for (const one of file.positive) {
    findings.value(one.name, "verifying", await outcome(one, bytes(one.bytes)));
    await checkEpochRecord(one, findings);
    findings.positive++;
  }
  for (const one of file.negative) {
    findings.fault(one.name, await outcome(one, bytes(one.bytes)), one.fault);
    findings.negative++;
  }
  for (const one of file.altered) {
    await findings.altered(one.name, bytes(one.bytes), one, (altered) => outcome(one, altered));
  }
}

async function checkEpochRecord(one: EpochPositive, findings: Findings): Promise<void> {
  const { name } = one;
  const record = findings.value(name, "reading", decodeEpochRecord(bytes(one.bytes)));
  const { conversation, epoch, keyCommitment: kc, histLink } = record.statement;
  findings.equal(name, "the fields", epochFields(record), one.fields);
  await findings.same(name, "the record written anew", encodeEpochRecord(record), one.bytes);
  await findings.same(name, "epoch_hash", await epochHash(record.statement), one.epoch_hash);
  const key = await sealKey(bytes(one.key));
  findings.equal(name, "kc", await keyCommitment(key, conversation, epoch), kc);
  if (one.key_before !== undefined && one.link_salt !== undefined) {
    const context = historyContext(conversation, epoch);
    const given = new Given([bytes(one.link_salt)]);
    const link = await sealWith(given, key, HISTORY_LABEL, context, bytes(one.key_before));
    findings.equal(name, "hist_link", link, histLink);
    const other = await seal(key, HISTORY_LABEL, context, bytes(one.key_before));
    findings.equal(name, "the length of a new hist_link", other.length, histLink.length);
  }
}
