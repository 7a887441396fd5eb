// SPDX-License-Identifier: Apache-2.0
// seal.json, padding.json, wrap.json, recovery-code.json, safety-number.json, labels.json.
import { enrolmentCode, isEnrolmentCode } from "../../src/e2r/enrolment.ts";
import { type Fault, type Reading, read } from "../../src/e2r/fault.ts";
import { wrapWith } from "../../src/e2r/hpke.ts";
import { type AgreementKeys, readSealKey, type SigningKeys } from "../../src/e2r/keys.ts";
import { loginBytes, verifyLogin } from "../../src/e2r/making/devices.ts";
import { importAgreementPoint, importVerifyKey } from "../../src/e2r/point.ts";
import { MESSAGE_PADDED_MAX, pad, paddedSize, unpad } from "../../src/e2r/records/padding.ts";
import { formatRecoveryCode, parseRecoveryCode } from "../../src/e2r/recovery-code.ts";
import { isSafetyQr, safetyNumber, safetyQr } from "../../src/e2r/safety-number.ts";
import { onceKey, open, sealWith } from "../../src/e2r/seal.ts";
import { Secret } from "../../src/e2r/secret.ts";
import { signedBytes } from "../../src/e2r/signature.ts";
import { verifySignature } from "../../src/e2r/verify/signatures.ts";
import {
  openAccountKey,
  openConversationKey,
  openSelfKey,
  openUserKey,
  revealAccountKey,
  revealConversationKey,
  revealUserKey,
} from "../../src/e2r/wraps.ts";
import {
  type Bytes,
  type ConversationId,
  type DeviceId,
  type TenantId,
  type Uid,
  uidOf,
} from "../../src/ids.ts";
import { agreementKeys, Given, type KeyPair, signingKeys } from "./given.ts";
import { bytes, type Expected, type Findings, hex, type Hex, type VectorFile } from "./reading.ts";

interface SealCase {
  readonly name: string;
  readonly key: string;
  readonly label: string;
  readonly context: string;
}

interface SealPositive extends SealCase {
  readonly plaintext: Hex;
  readonly salt: string;
  readonly mk: string;
  readonly com: string;
  readonly sealed: Expected;
}

type SealFile = VectorFile<
  SealPositive,
  SealCase & { readonly sealed: string },
  SealCase & { readonly bytes: string }
>;

export async function checkSeal(file: SealFile, findings: Findings): Promise<void> {
  const outcome = async (one: SealCase, sealed: Bytes): Promise<Reading<Bytes>> => {
    const key = await readSealKey(bytes(one.key));
    return key.ok ? open(key.value, one.label, bytes(one.context), sealed) : key;
  };
  for (const one of file.positive) {
    const { name, label } = one;
    const context = bytes(one.context);
    const plain = bytes(one.plaintext);
    const key = findings.value(name, "the key", await readSealKey(bytes(one.key)));
    const sealed = await sealWith(new Given([bytes(one.salt)]), key, label, context, plain);
    await findings.same(name, "sealed", sealed, one.sealed);
    await findings.same(name, "mk", await onceKey(key, label, context, bytes(one.salt)), one.mk);
    await findings.same(name, "com", sealed.slice(32, 64), one.com);
    const opened = findings.value(name, "opening", await outcome(one, sealed));
    findings.equal(name, "what was opened", hex(opened), hex(plain));
    findings.positive++;
  }
  for (const one of file.negative) {
    findings.fault(one.name, await outcome(one, bytes(one.sealed)), one.fault);
    findings.negative++;
  }
  for (const one of file.altered) {
    await findings.altered(one.name, bytes(one.bytes), one, (altered) => outcome(one, altered));
  }
}

interface PaddingPositive {
  readonly name: string;
  readonly content: Hex;
  readonly padded_size: number;
  readonly padded: Expected;
}

type PaddingFile = VectorFile<PaddingPositive, { readonly name: string; readonly padded: string }>;

export async function checkPadding(file: PaddingFile, findings: Findings): Promise<void> {
  for (const { name, content, padded_size, padded } of file.positive) {
    const plain = bytes(content);
    const made = pad(plain, MESSAGE_PADDED_MAX);
    await findings.same(name, "padded", made, padded);
    findings.equal(name, "padded_size", paddedSize(4 + plain.length), padded_size);
    findings.equal(
      name,
      "what was unpadded",
      hex(findings.value(name, "unpadding", unpad(made))),
      hex(plain),
    );
    findings.positive++;
  }
  for (const { name, padded, fault } of file.negative) {
    findings.fault(name, unpad(bytes(padded)), fault);
    findings.negative++;
  }
}

type What =
  | {
      readonly kind: "conversation";
      readonly conv_id: ConversationId;
      readonly epoch: number;
      readonly uid: Uid;
      readonly aek_gen: number;
      readonly hash: string;
    }
  | {
      readonly kind: "device";
      readonly tenant: TenantId;
      readonly uid: Uid;
      readonly device_id: DeviceId;
      readonly aek_gen: number;
      readonly record_hash: string;
      readonly expected: string;
    }
  | {
      readonly kind: "account";
      readonly tenant: TenantId;
      readonly uid: Uid;
      readonly device_id: DeviceId;
      readonly record_hash: string;
      readonly expected: string;
    }
  | {
      readonly kind: "self";
      readonly tenant: TenantId;
      readonly uid: Uid;
      readonly self_kind: number;
      readonly counter: number;
    };

interface WrapCase {
  readonly name: string;
  readonly what: What;
}

interface WrapPositive extends WrapCase {
  readonly info: string;
  readonly aad: string;
  readonly plaintext: string;
  readonly wrap: string;
}

type WrapFile = { readonly recipient: KeyPair; readonly ephemeral: KeyPair } & VectorFile<
  WrapPositive,
  WrapCase & { readonly wrap: string },
  WrapCase & { readonly bytes: string }
>;

export async function checkWrap(file: WrapFile, findings: Findings): Promise<void> {
  const recipient = await agreementKeys(file.recipient);
  const ephemeral = await agreementKeys(file.ephemeral);
  for (const { name, what, info, aad, plaintext, wrap } of file.positive) {
    const given = new Given([], [ephemeral]);
    const made = await wrapWith(given, recipient.publicKey, bytes(info), bytes(aad), bytes(plaintext));
    await findings.same(name, "wrap", made, wrap);
    findings.value(name, "opening", await unwrapped(recipient, what, made));
    const revealed = await revealedBy(recipient, what, made);
    findings.equal(name, "what was wrapped", revealed && hex(revealed.reveal()), revealed && plaintext);
    findings.positive++;
  }
  for (const { name, what, wrap, fault } of file.negative) {
    findings.fault(name, await unwrapped(recipient, what, bytes(wrap)), fault);
    findings.negative++;
  }
  for (const one of file.altered) {
    await findings.altered(one.name, bytes(one.bytes), one, (altered) =>
      unwrapped(recipient, one.what, altered),
    );
  }
}

function unwrapped(keys: AgreementKeys, what: What, wrap: Bytes): Promise<Reading<unknown>> {
  switch (what.kind) {
    case "conversation":
      return openConversationKey(keys, conversationWrap(what), wrap);
    case "device":
      return openUserKey(keys, deviceWrap(what), bytes(what.expected), wrap);
    case "account":
      return openAccountKey(keys, accountWrap(what), bytes(what.expected), wrap);
    case "self":
      return openSelfKey(keys, { ...what, kind: what.self_kind }, wrap);
  }
}

async function revealedBy(keys: AgreementKeys, what: What, wrap: Bytes): Promise<Secret | undefined> {
  const revealed = await reveal(keys, what, wrap);
  return revealed?.ok ? revealed.value : undefined;
}

async function reveal(keys: AgreementKeys, what: What, wrap: Bytes): Promise<Reading<Secret> | undefined> {
  switch (what.kind) {
    case "conversation":
      return revealConversationKey(keys, conversationWrap(what), wrap);
    case "device":
      return revealUserKey(keys, deviceWrap(what), wrap);
    case "account":
      return revealAccountKey(keys, accountWrap(what), wrap);
    case "self":
      return undefined;
  }
}

function conversationWrap(what: What & { kind: "conversation" }) {
  const { conv_id: conversation, epoch, uid, aek_gen: aekGen } = what;
  return { conversation, epoch, uid, aekGen, hash: bytes(what.hash) };
}

function deviceWrap(what: What & { kind: "device" }) {
  return { ...accountWrap(what), aekGen: what.aek_gen };
}

function accountWrap(what: What & { kind: "account" | "device" }) {
  const { tenant, uid, device_id: device } = what;
  return { tenant, uid, device, recordHash: bytes(what.record_hash) };
}

interface CodePositive {
  readonly name: string;
  readonly code: string;
  readonly text: string;
  readonly typed: readonly string[];
}

type CodeFile = VectorFile<CodePositive, { readonly name: string; readonly typed: string }>;

export async function checkRecoveryCode(file: CodeFile, findings: Findings): Promise<void> {
  for (const { name, code, text, typed } of file.positive) {
    findings.equal(name, "the text", await formatRecoveryCode(new Secret(bytes(code))), text);
    for (const one of typed) {
      const parsed = findings.value(name, one, await parseRecoveryCode(one));
      findings.equal(name, `the code typed ${one}`, hex(parsed.reveal()), code);
    }
    findings.positive++;
  }
  for (const { name, typed, fault } of file.negative) {
    findings.fault(name, await parseRecoveryCode(typed), fault);
    findings.negative++;
  }
}

interface SafetyPositive {
  readonly name: string;
  readonly uid: Uid;
  readonly ark_pub: string;
  readonly other_uid: Uid;
  readonly other_ark_pub: string;
  readonly digits: string;
  readonly qr: string;
}

export async function checkSafetyNumber(file: VectorFile<SafetyPositive>, findings: Findings): Promise<void> {
  for (const { name, uid, ark_pub, other_uid, other_ark_pub, digits, qr } of file.positive) {
    const one = { uid, arkPub: bytes(ark_pub) };
    const other = { uid: other_uid, arkPub: bytes(other_ark_pub) };
    findings.equal(name, "the digits", await safetyNumber(one, other), digits);
    await findings.same(name, "the code", await safetyQr(one, other), qr);
    findings.equal(name, "that the code is it", await isSafetyQr(bytes(qr), other, one), true);
    findings.positive++;
  }
}

interface LabelCase {
  readonly name: string;
  readonly kind: "uid" | "signature" | "login" | "enrolment" | "point";
  readonly [field: string]: unknown;
}

type LabelFile = { readonly keys: KeyPair } & VectorFile<LabelCase>;

export async function checkLabels(file: LabelFile, findings: Findings): Promise<void> {
  const keys = await signingKeys(file.keys);
  for (const one of file.positive) {
    await checkLabel(one, keys, findings);
    findings.positive++;
  }
  for (const one of file.negative) {
    const found = one.kind === "point" ? await pointOf(one) : await signatureOf(one, keys);
    findings.fault(one.name, found, one["fault"] as Fault);
    findings.negative++;
  }
}

async function pointOf(one: LabelCase): Promise<Reading<unknown>> {
  const point = bytes(one["point"] as string);
  const [verifying, agreeing] = [await importVerifyKey(point), await importAgreementPoint(point)];
  return verifying.ok === agreeing.ok ? verifying : read("a point for one and none for the other");
}

function signatureOf(one: LabelCase, keys: SigningKeys): Promise<Reading<unknown>> {
  const signature = bytes(one["sig"] as string);
  return verifySignature(keys.publicKey, one["as"] as string, bytes(one["signed"] as string), signature);
}

async function checkLabel(one: LabelCase, keys: SigningKeys, findings: Findings): Promise<void> {
  const { name } = one;
  const tenant = one["tenant"] as TenantId;
  const uid = one["uid"] as Uid;
  const device = one["device_id"] as DeviceId;
  const part = (field: string) => bytes(one[field] as string);
  switch (one.kind) {
    case "uid":
      findings.equal(name, "the uid", await uidOf(tenant, one["subject"] as string), uid);
      break;
    case "signature":
      findings.value(name, "verifying", await signatureOf(one, keys));
      findings.equal(
        name,
        "the message",
        hex(signedBytes(one["as"] as string, part("signed"))),
        one["message"],
      );
      break;
    case "login": {
      const [nonce, ms] = [part("nonce"), one["ms"] as number];
      const login = { tenant, uid, deviceId: device, nonce, audience: one["audience"] as string, ms };
      await findings.same(name, "what is signed", loginBytes(login), one["signed"] as string);
      findings.value(name, "verifying", await verifyLogin(keys.publicKey, login, part("sig")));
      break;
    }
    case "enrolment": {
      const offered = { tenant, uid, device, dskPub: part("dsk_pub"), dekPub: part("dek_pub") };
      findings.equal(name, "the code", await enrolmentCode(offered), one["code"]);
      findings.equal(name, "that it is it", await isEnrolmentCode(one["code"] as string, offered), true);
      break;
    }
    case "point":
      findings.value(name, "the point", await pointOf(one));
      break;
  }
}
