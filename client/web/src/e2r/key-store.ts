// SPDX-License-Identifier: Apache-2.0
import { type ConversationId, type DeviceId, parseDeviceId } from "../ids.ts";
import { AgreementKeys, type SealKey, SigningKeys } from "./keys.ts";

/** What makes a device itself. */
export interface DeviceKeys {
  readonly device: DeviceId;
  /** DSK */
  readonly signing: SigningKeys;
  /** DEK */
  readonly agreement: AgreementKeys;
}

/** Where one account's keys stay on this device. None of them can be exported, here or when they come back. */
export interface KeyStore {
  deviceKeys(): Promise<DeviceKeys | undefined>;
  /** Kept once: a second pair for a device would silently be another device. */
  keepDeviceKeys(keys: DeviceKeys): Promise<void>;
  userKeys(generation: number): Promise<AgreementKeys | undefined>;
  keepUserKeys(generation: number, keys: AgreementKeys): Promise<void>;
  /** The generations there are, ascending. */
  generations(): Promise<readonly number[]>;
  conversationKey(conversation: ConversationId, epoch: number): Promise<SealKey | undefined>;
  keepConversationKey(conversation: ConversationId, epoch: number, key: SealKey): Promise<void>;
  /** Forgets everything, as logging out does. */
  clear(): Promise<void>;
  close(): void;
}

/** What is kept of a key pair: both can be cloned without showing the private part. */
interface KeptPair {
  readonly publicKey: Uint8Array<ArrayBuffer>;
  readonly privateKey: CryptoKey;
}

interface KeptDevice {
  readonly device: string;
  readonly signing: KeptPair;
  readonly agreement: KeptPair;
}

/** Two-column tables: how a store keeps its entries, apart from what they mean. */
interface Table {
  get(key: string): Promise<unknown>;
  /** Rejects if there is an entry already. */
  add(key: string, value: unknown): Promise<void>;
  put(key: string, value: unknown): Promise<void>;
  keys(prefix: string): Promise<readonly string[]>;
  clear(): Promise<void>;
  close(): void;
}

const DEVICE = "device";
const USER = "user/";
const CONVERSATION = "conversation/";
const STORE = "keys";

/** Keys for as long as the program runs. */
export function memoryKeyStore(): KeyStore {
  return new TableKeyStore(new MemoryTable());
}

/**
 * Asks the browser not to clear what this site keeps. Some clear it anyway: then the device is lost, and enrolled
 * again. Workers cannot ask, so a page does it, too.
 */
export async function askToKeep(): Promise<boolean> {
  return (await navigator.storage?.persist?.().catch(() => false)) ?? false;
}

/** Keys in the browser's IndexedDB, one database per name. */
export async function indexedDbKeyStore(name: string): Promise<KeyStore> {
  const opening = indexedDB.open(name, 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore(STORE);
  const database = await answer(opening);
  // Another tab that wants to delete or upgrade it must not wait for this one.
  database.onversionchange = () => database.close();
  await askToKeep();
  return new TableKeyStore(new DatabaseTable(database));
}

class TableKeyStore implements KeyStore {
  constructor(private readonly table: Table) {}

  async deviceKeys(): Promise<DeviceKeys | undefined> {
    const kept = (await this.table.get(DEVICE)) as KeptDevice | undefined;
    const device = parseDeviceId(kept?.device ?? null);
    return kept && device
      ? {
          device,
          signing: new SigningKeys(kept.signing.publicKey, kept.signing.privateKey),
          agreement: new AgreementKeys(kept.agreement.publicKey, kept.agreement.privateKey),
        }
      : undefined;
  }

  async keepDeviceKeys(keys: DeviceKeys): Promise<void> {
    const { device, signing, agreement } = keys;
    const kept: KeptDevice = { device, signing: keptPair(signing), agreement: keptPair(agreement) };
    await this.table.add(DEVICE, kept);
  }

  async userKeys(generation: number): Promise<AgreementKeys | undefined> {
    const kept = (await this.table.get(USER + ordered(generation))) as KeptPair | undefined;
    return kept && new AgreementKeys(kept.publicKey, kept.privateKey);
  }

  async keepUserKeys(generation: number, keys: AgreementKeys): Promise<void> {
    await this.table.put(USER + ordered(generation), keptPair(keys));
  }

  async generations(): Promise<readonly number[]> {
    return (await this.table.keys(USER)).map((key) => Number(key.slice(USER.length)));
  }

  async conversationKey(conversation: ConversationId, epoch: number): Promise<SealKey | undefined> {
    return (await this.table.get(conversationEntry(conversation, epoch))) as SealKey | undefined;
  }

  async keepConversationKey(conversation: ConversationId, epoch: number, key: SealKey): Promise<void> {
    await this.table.put(conversationEntry(conversation, epoch), sealed(key));
  }

  clear(): Promise<void> {
    return this.table.clear();
  }

  close(): void {
    this.table.close();
  }
}

class MemoryTable implements Table {
  private readonly entries = new Map<string, unknown>();

  get(key: string): Promise<unknown> {
    return Promise.resolve(this.entries.get(key));
  }

  add(key: string, value: unknown): Promise<void> {
    return this.entries.has(key) ? Promise.reject(new AlreadyKeptError()) : this.put(key, value);
  }

  put(key: string, value: unknown): Promise<void> {
    this.entries.set(key, value);
    return Promise.resolve();
  }

  keys(prefix: string): Promise<readonly string[]> {
    return Promise.resolve([...this.entries.keys()].filter((key) => key.startsWith(prefix)).sort());
  }

  clear(): Promise<void> {
    this.entries.clear();
    return Promise.resolve();
  }

  close(): void {}
}

class DatabaseTable implements Table {
  constructor(private readonly database: IDBDatabase) {}

  get(key: string): Promise<unknown> {
    return answer(this.database.transaction(STORE).objectStore(STORE).get(key));
  }

  async add(key: string, value: unknown): Promise<void> {
    await this.write((store) => store.add(value, key)).catch((error: unknown) => {
      throw error instanceof DOMException && error.name === "ConstraintError"
        ? new AlreadyKeptError()
        : error;
    });
  }

  put(key: string, value: unknown): Promise<void> {
    return this.write((store) => store.put(value, key));
  }

  async keys(prefix: string): Promise<readonly string[]> {
    const range = IDBKeyRange.bound(prefix, `${prefix}\uffff`);
    return (await answer(this.database.transaction(STORE).objectStore(STORE).getAllKeys(range))) as string[];
  }

  clear(): Promise<void> {
    return this.write((store) => store.clear());
  }

  close(): void {
    this.database.close();
  }

  /** Done when it is on the disk: what comes back from the service must not overtake the key that opens it. */
  private write(act: (store: IDBObjectStore) => IDBRequest): Promise<void> {
    return new Promise((resolve, reject) => {
      const transaction = this.database.transaction(STORE, "readwrite", { durability: "strict" });
      transaction.oncomplete = () => resolve();
      transaction.onabort = () => reject(transaction.error ?? new Error("the browser kept nothing"));
      act(transaction.objectStore(STORE));
    });
  }
}

/** A device has one pair of keys, and it has it already. */
export class AlreadyKeptError extends Error {
  constructor() {
    super("this device has keys already");
    this.name = "AlreadyKeptError";
  }
}

function answer<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error("the browser gave no reason"));
  });
}

function keptPair(keys: SigningKeys | AgreementKeys): KeptPair {
  return { publicKey: keys.publicKey, privateKey: sealed(keys.privateKey) };
}

function sealed(key: CryptoKey): CryptoKey {
  if (key.extractable) {
    throw new RangeError("only keys that cannot be exported are kept");
  }
  return key;
}

function conversationEntry(conversation: ConversationId, epoch: number): string {
  return `${CONVERSATION}${conversation}/${ordered(epoch)}`;
}

/** Text that sorts as the number does. */
function ordered(number: number): string {
  return String(number).padStart(10, "0");
}
