// SPDX-License-Identifier: Apache-2.0
// fixed.json: what was written down before there was any code.
import { DerivedPassword } from "../../src/e2r/backup.ts";
import { join, u16, u32 } from "../../src/e2r/bytes.ts";
import { hkdf, pbkdf2, sha256 } from "../../src/e2r/hash.ts";
import { sealKey } from "../../src/e2r/keys.ts";
import { HISTORY_LABEL, historyContext } from "../../src/e2r/making/conversation.ts";
import { encodeHeader, type MessageHeader } from "../../src/e2r/records/envelope.ts";
import { MESSAGE_PADDED_MAX, pad } from "../../src/e2r/records/padding.ts";
import { onceKey, sealWith } from "../../src/e2r/seal.ts";
import { Secret } from "../../src/e2r/secret.ts";
import { keyCommitment } from "../../src/e2r/verify/hashes.ts";
import { verifySignature } from "../../src/e2r/verify/signatures.ts";
import { wrapConversationKeyWith } from "../../src/e2r/wraps.ts";
import { type Bytes, idOf, type Uid } from "../../src/ids.ts";
import { agreementKeys, Given, type KeyPair } from "./given.ts";
import { bytes, type Findings, type Hex } from "./reading.ts";

type Group = Readonly<Record<string, Hex | number>>;

interface FixedFile {
  readonly given: Group;
  readonly commitment: Group;
  readonly message: Group;
  readonly filekey: Group;
  readonly hist: Group;
  readonly backup: Group;
  readonly wrap: Group;
}

const part = (group: Group, field: string): Bytes => bytes(group[field] as Hex);
const count = (group: Group, field: string): number => group[field] as number;
const text = (group: Group, field: string): string => group[field] as string;

/** The pairs of the two seeds: how they come of them is not something that this side does. */
export interface SeedPairs {
  readonly recipient: KeyPair;
  readonly ephemeral: KeyPair;
}

export async function checkFixed(file: FixedFile, pairs: SeedPairs, findings: Findings): Promise<void> {
  const { given } = file;
  const conversation = idOf<MessageHeader["conversation"]>(part(given, "conv_id"));
  const epoch = count(given, "epoch");
  const key = await sealKey(part(given, "k_e"));
  const kc = await keyCommitment(key, conversation, epoch);
  await findings.same("commitment", "kc", kc, text(file.commitment, "kc"));
  await checkMessage(file, conversation, findings);
  const context = join(part(given, "conv_id"), u32(epoch), part(file.filekey, "file_id"));
  const salted = new Given([part(file.filekey, "salt")]);
  const fkw = await sealWith(salted, key, "e2r/1/filekey", context, part(file.filekey, "fk"));
  await findings.same("filekey", "com_ct", fkw.slice(32), text(file.filekey, "com_ct"));
  const before = part(file.hist, "k_previous");
  const linking = new Given([part(file.hist, "salt")]);
  const link = await sealWith(linking, key, HISTORY_LABEL, historyContext(conversation, epoch), before);
  await findings.same("hist", "com_ct", link.slice(32), text(file.hist, "com_ct"));
  await checkPassword(file.backup, findings);
  await checkWrap(file, pairs, findings);
  findings.positive += 6;
}

async function checkMessage(
  { given, message }: FixedFile,
  conversation: MessageHeader["conversation"],
  findings: Findings,
): Promise<void> {
  const name = "message";
  const epochHash = part(given, "epoch_hash");
  const header: MessageHeader = {
    type: "content",
    conversation,
    epoch: count(given, "epoch"),
    uid: idOf(part(message, "uid")),
    deviceId: idOf(part(message, "device_id")),
    msgId: idOf(part(message, "msg_id")),
    seq: count(message, "seq"),
    prev: part(message, "prev"),
    ttlS: count(message, "ttl_s"),
  };
  // The number is not the first and has none before it, which no writer of records takes.
  const bytesOfHeader = encodeHeader(header);
  await findings.same(name, "header", await sha256(bytesOfHeader), text(message, "header_sha256"));
  const content = join(u16(1), new TextEncoder().encode(text(message, "content_text")));
  const padded = pad(content, MESSAGE_PADDED_MAX);
  findings.equal(name, "padded_size", padded.length, count(message, "padded_size"));
  const key = await sealKey(part(given, "k_e"));
  const context = join(epochHash, bytesOfHeader);
  const salt = part(message, "salt");
  const once = await onceKey(key, "e2r/1/msg", context, salt);
  await findings.same(name, "mk", once, text(message, "mk"));
  const parts = await hkdf(once, new Uint8Array(0), join(Uint8Array.of(10), ascii("e2r/1/aead")), 76);
  await findings.same(
    name,
    "com ‖ key ‖ nonce",
    parts,
    text(message, "com") + text(message, "key") + text(message, "nonce"),
  );
  const body = await sealWith(new Given([salt]), key, "e2r/1/msg", context, padded);
  findings.equal(name, "ct_length", body.length - 64, count(message, "ct_length"));
  await findings.same(name, "ct", await sha256(body.slice(64)), text(message, "ct_sha256"));
  await findings.same(name, "hash", await sha256(bytesOfHeader, body), text(message, "header_body_sha256"));
  findings.equal(name, "wire_length", bytesOfHeader.length + body.length + 64, count(message, "wire_length"));
  const signed = join(epochHash, await sha256(bytesOfHeader, body));
  const dsk = part(message, "dsk_pub");
  findings.value(name, "sig", await verifySignature(dsk, "msg", signed, part(message, "sig")));
}

const ascii = (value: string) => new TextEncoder().encode(value);

async function checkPassword(backup: Group, findings: Findings): Promise<void> {
  const salt = part(backup, "salt");
  const iterations = count(backup, "iterations");
  const password = text(backup, "password");
  const root = await pbkdf2("SHA-256", ascii(password), salt, iterations, 32);
  await findings.same("backup", "pw_root", root, text(backup, "pw_root"));
  const uid = idOf<Uid>(part(backup, "uid"));
  const derived = await DerivedPassword.of(password, { kdfId: 1, iterations, salt }, uid);
  const { auth } = findings.value("backup", "deriving", derived);
  await findings.same("backup", "auth", auth.reveal(), text(backup, "auth"));
}

async function checkWrap({ given, wrap }: FixedFile, pairs: SeedPairs, findings: Findings): Promise<void> {
  findings.equal("wrap", "recipient_private", pairs.recipient.private, wrap["recipient_private"]);
  const recipient = bytes(pairs.recipient.public);
  await findings.same("wrap", "recipient", await sha256(recipient), text(wrap, "recipient_public_sha256"));
  const what = {
    conversation: idOf<MessageHeader["conversation"]>(part(given, "conv_id")),
    epoch: count(given, "epoch"),
    uid: idOf<Uid>(part(wrap, "uid")),
    aekGen: count(wrap, "aek_gen"),
    hash: part(given, "epoch_hash"),
  };
  const ephemeral = new Given([], [await agreementKeys(pairs.ephemeral)]);
  const key = new Secret(part(given, "k_e"));
  const made = await wrapConversationKeyWith(ephemeral, key, recipient, what);
  await findings.same("wrap", "enc ‖ ct", made, text(wrap, "enc") + text(wrap, "ct"));
}
