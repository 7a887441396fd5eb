// SPDX-License-Identifier: Apache-2.0
// grant.json, envelope.json, disclosure.json, self.json.
import { type SealedMessage, disclose, openDisclosed } from "../../src/e2r/disclosure.ts";
import { join, u64 } from "../../src/e2r/bytes.ts";
import type { Fault, Reading } from "../../src/e2r/fault.ts";
import { read, unreadable } from "../../src/e2r/fault.ts";
import { sha256 } from "../../src/e2r/hash.ts";
import { sealKey, type SealKey } from "../../src/e2r/keys.ts";
import { openMessage } from "../../src/e2r/making/messages.ts";
import { openSelfBlob, SelfMaker } from "../../src/e2r/making/self-blobs.ts";
import type { Device } from "../../src/e2r/records/account.ts";
import {
  decodeEnvelope,
  encodeEnvelope,
  encodeHeader,
  type Envelope,
  type MessageHeader,
} from "../../src/e2r/records/envelope.ts";
import { decodeGrant, encodeGrant } from "../../src/e2r/records/grant.ts";
import { MESSAGE_PADDED_MAX, pad, unpad } from "../../src/e2r/records/padding.ts";
import {
  decodeSelfBlob,
  encodeSelfBlob,
  encodeSelfStatement,
  type SelfKind,
} from "../../src/e2r/records/self.ts";
import { sealWith } from "../../src/e2r/seal.ts";
import { Secret } from "../../src/e2r/secret.ts";
import { newestEpoch } from "../../src/e2r/verify/epoch-chain.ts";
import { verifyGrant } from "../../src/e2r/verify/grants.ts";
import { grantHash, messageHash } from "../../src/e2r/verify/hashes.ts";
import { verifyDisclosure, verifyEnvelope } from "../../src/e2r/verify/messages.ts";
import { verifySignature } from "../../src/e2r/verify/signatures.ts";
import { openConversationKey, wrapConversationKeyWith } from "../../src/e2r/wraps.ts";
import type { Bytes, TenantId, Uid } from "../../src/ids.ts";
import { Epochs, World } from "./chains.ts";
import { envelopeFields, type Fields, grantFields, selfFields } from "./fields.ts";
import { agreementKeys, Given, type KeyPair } from "./given.ts";
import { bytes, type Expected, type Findings, hex, type Hex, type VectorFile } from "./reading.ts";

const USUAL = "usual";

interface RecordCase {
  readonly name: string;
  readonly bytes: string;
}

interface ConversationHead {
  readonly accounts: Readonly<Record<string, readonly string[]>>;
  readonly genesis: string;
  readonly epochs: Readonly<Record<string, string>>;
}

function epochsOf(file: ConversationHead, world: World): Epochs {
  const records = new Map(Object.entries(file.epochs).map(([name, record]) => [name, bytes(record)]));
  return new Epochs(bytes(file.genesis), world, records);
}

interface GrantPositive extends RecordCase {
  readonly grant_hash: string;
  readonly recipient: KeyPair;
  readonly key: string;
  readonly wrap: string;
  readonly fields: Fields;
}

type GrantFile = ConversationHead & { readonly ephemeral: KeyPair } & VectorFile<
    GrantPositive,
    RecordCase,
    RecordCase
  >;

export async function checkGrant(file: GrantFile, findings: Findings): Promise<void> {
  const world = new World(file.accounts);
  const accounts = await world.accounts(USUAL);
  const chain = await epochsOf(file, world).chain(Object.keys(file.epochs), USUAL);
  const ephemeral = await agreementKeys(file.ephemeral);
  const outcome = async (record: Bytes): Promise<Reading<unknown>> => {
    const decoded = decodeGrant(record);
    return decoded.ok ? verifyGrant(chain, decoded.value, accounts) : decoded;
  };
  for (const one of file.positive) {
    const { name } = one;
    findings.value(name, "verifying", await outcome(bytes(one.bytes)));
    const grant = findings.value(name, "reading", decodeGrant(bytes(one.bytes)));
    findings.equal(name, "the fields", grantFields(grant), one.fields);
    await findings.same(name, "the record written anew", encodeGrant(grant), one.bytes);
    await findings.same(name, "grant_hash", await grantHash(grant.statement), one.grant_hash);
    const { conversation, epoch, granteeUid: uid, aekGen } = grant.statement;
    const what = { conversation, epoch, uid, aekGen, hash: bytes(one.grant_hash) };
    const key = new Secret(bytes(one.key));
    const given = new Given([], [ephemeral]);
    const wrap = await wrapConversationKeyWith(given, key, bytes(one.recipient.public), what);
    await findings.same(name, "wrap", wrap, one.wrap);
    const opened = await openConversationKey(await agreementKeys(one.recipient), what, wrap);
    findings.value(name, "opening", opened);
    findings.positive++;
  }
  for (const { name, bytes: record, fault } of file.negative) {
    findings.fault(name, await outcome(bytes(record)), fault);
    findings.negative++;
  }
  for (const one of file.altered) {
    await findings.altered(one.name, bytes(one.bytes), one, outcome);
  }
}

interface EnvelopePositive {
  readonly name: string;
  readonly msg_hash: string;
  readonly bytes: Expected;
  readonly fields?: Fields;
  readonly content?: Hex;
  readonly salt?: string;
  readonly header?: string;
  readonly sig?: string;
}

type EnvelopeFile = ConversationHead & { readonly key: string; readonly epoch_hash: string } & VectorFile<
    EnvelopePositive,
    RecordCase,
    RecordCase
  >;

export async function checkEnvelope(file: EnvelopeFile, findings: Findings): Promise<void> {
  const world = new World(file.accounts);
  const accounts = await world.accounts(USUAL);
  const chain = await epochsOf(file, world).chain(Object.keys(file.epochs), USUAL);
  const epoch = newestEpoch(chain);
  const key = await sealKey(bytes(file.key));
  if (epoch === undefined) {
    throw new Error("no epoch");
  }
  await findings.same("the epoch", "epoch_hash", epoch.hash, file.epoch_hash);
  const outcome = async (record: Bytes): Promise<Reading<Bytes>> => {
    const decoded = decodeEnvelope(record);
    if (!decoded.ok) {
      return decoded;
    }
    const { header, body } = decoded.value;
    if (header.type === "content" || header.type === "ephemeral") {
      return openMessage(decoded.value, chain.conversation, epoch, accounts, key);
    }
    const verified = await verifyEnvelope(decoded.value, chain.conversation, epoch, accounts);
    return verified.ok ? read(body) : verified;
  };
  for (const one of file.positive) {
    const envelope = await madeAgain(one, key, epoch.hash, findings);
    const opened = findings.value(one.name, "opening", await outcome(encodeEnvelope(envelope)));
    if (one.content !== undefined) {
      findings.equal(one.name, "the content", hex(opened), hex(bytes(one.content)));
    }
    const hash = await messageHash(envelope.header, envelope.body);
    await findings.same(one.name, "msg_hash", hash, one.msg_hash);
    findings.positive++;
  }
  for (const { name, bytes: record, fault } of file.negative) {
    findings.fault(name, await outcome(bytes(record)), fault);
    findings.negative++;
  }
  for (const one of file.altered) {
    await findings.altered(one.name, bytes(one.bytes), one, outcome);
  }
}

/** What is published, sealed anew where it is sealed; only the signature is taken over. */
async function madeAgain(
  one: EnvelopePositive,
  key: SealKey,
  epochHash: Bytes,
  findings: Findings,
): Promise<Envelope> {
  const { name } = one;
  if (typeof one.bytes === "string") {
    const envelope = findings.value(name, "reading", decodeEnvelope(bytes(one.bytes)));
    findings.equal(name, "the fields", envelopeFields(envelope), one.fields);
    await findings.same(name, "the record written anew", encodeEnvelope(envelope), one.bytes);
    if (one.content !== undefined) {
      const body = await sealedAgain(one, key, epochHash, envelope.header);
      await findings.same(name, "the body sealed anew", body, hex(envelope.body));
    }
    return envelope;
  }
  const header = headerOf(bytes(one.header as string));
  const body = await sealedAgain(one, key, epochHash, header);
  const envelope: Envelope = { header, body, signature: bytes(one.sig as string) };
  await findings.same(name, "the record", encodeEnvelope(envelope), one.bytes);
  return envelope;
}

function sealedAgain(one: EnvelopePositive, key: SealKey, epochHash: Bytes, header: MessageHeader) {
  const given = new Given([bytes(one.salt as string)]);
  const padded = pad(bytes(one.content as Hex), MESSAGE_PADDED_MAX);
  return sealWith(given, key, "e2r/1/msg", join(epochHash, encodeHeader(header)), padded);
}

/** A header alone is read as that of a message with nothing in it. */
function headerOf(header: Bytes): MessageHeader {
  const decoded = decodeEnvelope(join(header, new Uint8Array(80 + 256 + 64)));
  if (!decoded.ok) {
    throw new Error(`no header: ${decoded.fault}`);
  }
  return decoded.value.header;
}

interface DisclosureCase {
  readonly name: string;
  readonly envelope: string;
  readonly mk: string;
}

interface DisclosurePositive extends DisclosureCase {
  readonly key: string;
  readonly content: string;
}

interface DisclosureWhole {
  readonly name: string;
  readonly part: "mk" | "envelope";
  readonly envelope?: string;
  readonly mk?: string;
  readonly bytes: string;
}

type DisclosureFile = { readonly epoch_hash: string; readonly dsk_pub: string } & VectorFile<
  DisclosurePositive,
  DisclosureCase,
  DisclosureWhole
>;

export async function checkDisclosure(file: DisclosureFile, findings: Findings): Promise<void> {
  const epochHash = bytes(file.epoch_hash);
  const dskPub = bytes(file.dsk_pub);
  const messageOf = ({ header, body }: Envelope): SealedMessage => {
    return { epochHash, header: encodeHeader(header), body };
  };
  const outcome = async (record: Bytes, mk: Bytes): Promise<Reading<Bytes>> => {
    const decoded = decodeEnvelope(record);
    if (!decoded.ok) {
      return decoded;
    }
    const envelope = decoded.value;
    const onceKey = new Secret(mk);
    const verified = await verifyDisclosure({ envelope, epochHash, onceKey }, dskPub);
    if (!verified.ok) {
      return verified;
    }
    const padded = await openDisclosed(onceKey, messageOf(envelope));
    return padded.ok ? unpad(padded.value) : padded;
  };
  for (const { name, envelope, key, mk, content } of file.positive) {
    const decoded = findings.value(name, "reading", decodeEnvelope(bytes(envelope)));
    const once = await disclose(await sealKey(bytes(key)), messageOf(decoded));
    await findings.same(name, "mk", findings.value(name, "disclosing", once).reveal(), mk);
    const shown = findings.value(name, "opening", await outcome(bytes(envelope), bytes(mk)));
    findings.equal(name, "the content", hex(shown), content);
    findings.positive++;
  }
  for (const { name, envelope, mk, fault } of file.negative) {
    findings.fault(name, await outcome(bytes(envelope), bytes(mk)), fault);
    findings.negative++;
  }
  for (const one of file.altered) {
    await findings.altered(one.name, bytes(one.bytes), one, (altered) =>
      one.part === "mk"
        ? outcome(bytes(one.envelope as string), altered)
        : outcome(altered, bytes(one.mk as string)),
    );
  }
}

interface SelfPositive {
  readonly name: string;
  readonly kind: number;
  readonly counter: number;
  readonly content: Hex;
  readonly bytes: Expected;
  readonly fields?: Fields;
  readonly sig?: string;
}

interface SelfFile extends VectorFile<SelfPositive, RecordCase, RecordCase> {
  readonly tenant: TenantId;
  readonly uid: Uid;
  readonly aek: KeyPair;
  readonly dsk: KeyPair;
  readonly ephemeral: KeyPair;
  readonly key: string;
  readonly salt: string;
  readonly remembered: number;
}

const SELF_KINDS: readonly SelfKind[] = ["heads", "verified", "labels", "settings"];

export async function checkSelf(file: SelfFile, findings: Findings): Promise<void> {
  const owner = { tenant: file.tenant, uid: file.uid };
  const aek = await agreementKeys(file.aek);
  const ephemeral = await agreementKeys(file.ephemeral);
  const dskPub = bytes(file.dsk.public);
  const devices = [{ dskPub } as Device];
  const outcome = async (record: Bytes): Promise<Reading<Bytes>> => {
    const decoded = decodeSelfBlob(record);
    return decoded.ok
      ? openSelfBlob(owner, decoded.value, devices, [aek], file.remembered)
      : unreadable(decoded.fault as Fault);
  };
  for (const one of file.positive) {
    const { name, kind, counter } = one;
    const maker = new SelfMaker(new Given([bytes(file.key), bytes(file.salt)], [ephemeral]));
    const signature = bytes(one.sig ?? (one.fields?.["sig"] as string));
    // The maker signs, too, and that never comes out twice the same: the published signature takes its place.
    const signing = { sign: () => Promise.resolve(signature) };
    const content = bytes(one.content);
    const selfKind = SELF_KINDS[kind - 1] as SelfKind;
    const made = await maker.make(
      owner,
      { signing } as unknown as Parameters<SelfMaker["make"]>[1],
      aek.publicKey,
      selfKind,
      counter,
      content,
    );
    await findings.same(name, "the record", encodeSelfBlob(made), one.bytes);
    if (one.fields !== undefined) {
      findings.equal(name, "the fields", selfFields(made), one.fields);
    }
    const signed = join(u64(counter), await sha256(encodeSelfStatement(made.statement)));
    findings.value(name, "verifying", await verifySignature(dskPub, "self", signed, signature));
    const opened = findings.value(name, "opening", await outcome(encodeSelfBlob(made)));
    findings.equal(name, "the content", hex(opened), hex(content));
    findings.positive++;
  }
  for (const { name, bytes: record, fault } of file.negative) {
    findings.fault(name, await outcome(bytes(record)), fault);
    findings.negative++;
  }
  for (const one of file.altered) {
    await findings.altered(one.name, bytes(one.bytes), one, outcome);
  }
}
