// SPDX-License-Identifier: Apache-2.0
// files.json, backup.json.
import {
  DerivedPassword,
  makeBackupWith,
  openByPassword,
  openByRecoveryCode,
  type OpenedBackup,
} from "../../src/e2r/backup.ts";
import { type Bundle, decodeBundle, encodeBundle } from "../../src/e2r/bundle.ts";
import { label, join } from "../../src/e2r/bytes.ts";
import { decodeDescriptor, encodeDescriptor, type FileDescriptor } from "../../src/e2r/descriptor.ts";
import { type Reading, read, unreadable } from "../../src/e2r/fault.ts";
import { openWholeFile, sealFileWith } from "../../src/e2r/files.ts";
import { hkdf, hmac, pbkdf2 } from "../../src/e2r/hash.ts";
import { importAgreementKeys, importSigningKeys, sealKey } from "../../src/e2r/keys.ts";
import { decodeBackupBlob, encodeBackupBlob } from "../../src/e2r/records/backup.ts";
import { Secret } from "../../src/e2r/secret.ts";
import { type Bytes, bytesOf, type ConversationId, type TenantId, type Uid } from "../../src/ids.ts";
import { backupFields, type Fields } from "./fields.ts";
import { Given, type KeyPair, secretOf } from "./given.ts";
import { bytes, type Expected, type Findings, hex, type Hex, type VectorFile } from "./reading.ts";

const MEBIBYTE = 1_048_576;

interface FilePositive {
  readonly name: string;
  readonly data: Hex & { readonly times: number };
  readonly sealed: Expected;
  readonly bytes: string;
  readonly fields: Fields;
}

interface FileNegative {
  readonly name: string;
  /** Only a descriptor that cannot be read. */
  readonly bytes?: string;
  readonly descriptor?: string;
  readonly sealed?: string;
  readonly of?: number;
  readonly mebibytes?: readonly number[];
  readonly key?: string;
  readonly conv_id?: ConversationId;
  readonly epoch?: number;
}

interface FileWhole {
  readonly name: string;
  readonly part: "sealed" | "descriptor";
  readonly descriptor?: string;
  readonly sealed?: string;
  readonly bytes: string;
}

interface FileFile extends VectorFile<FilePositive, FileNegative, FileWhole> {
  readonly key: string;
  readonly conv_id: ConversationId;
  readonly epoch: number;
  readonly file_id: string;
  readonly fk: string;
  readonly fkw_salt: string;
  readonly salt: string;
  readonly prefix: string;
}

export async function checkFiles(file: FileFile, findings: Findings): Promise<void> {
  const { key, conv_id, epoch } = file;
  const usual = { key, conv_id, epoch };
  for (const one of file.positive) {
    const { name } = one;
    const plain = bytes(one.data);
    const { descriptor, sealed } = await sealedFile(file, plain, "holiday.jpg", "image/jpeg");
    await findings.same(name, "sealed", sealed, one.sealed);
    await findings.same(name, "the descriptor", encodeDescriptor(descriptor), one.bytes);
    const decoded = findings.value(name, "reading", decodeDescriptor(bytes(one.bytes)));
    findings.equal(name, "the fields", descriptorFields(decoded), one.fields);
    const opened = findings.value(name, "opening", await openedFile(usual, bytes(one.bytes), sealed));
    findings.equal(name, "what was opened", opened.length, plain.length);
    findings.equal(name, "that it is the same", sameAs(opened, plain), true);
    findings.positive++;
  }
  for (const one of file.negative) {
    findings.fault(one.name, await fileFault(file, one), one.fault);
    findings.negative++;
  }
  for (const one of file.altered) {
    await findings.altered(one.name, bytes(one.bytes), one, (altered) =>
      one.part === "sealed"
        ? openedFile(usual, bytes(one.descriptor as string), altered)
        : openedFile(usual, altered, bytes(one.sealed as string)),
    );
  }
}

async function fileFault(file: FileFile, one: FileNegative): Promise<Reading<unknown>> {
  if (one.bytes !== undefined) {
    return decodeDescriptor(bytes(one.bytes));
  }
  const place = {
    key: one.key as string,
    conv_id: one.conv_id as ConversationId,
    epoch: one.epoch as number,
  };
  const descriptor = bytes(one.descriptor as string);
  if (one.sealed !== undefined) {
    return openedFile(place, descriptor, bytes(one.sealed));
  }
  const plain = bytes({ repeat: "61", times: one.of as number });
  const { sealed } = await sealedFile(file, plain, "a", "b");
  const pieces = (one.mebibytes as readonly number[]).map((i) =>
    sealed.slice(i * MEBIBYTE, (i + 1) * MEBIBYTE),
  );
  return openedFile(place, descriptor, join(...pieces));
}

async function sealedFile(
  file: FileFile,
  plain: Bytes,
  name: string,
  mime: string,
): Promise<{ descriptor: FileDescriptor; sealed: Bytes }> {
  const given = new Given([file.file_id, file.fk, file.fkw_salt, file.salt, file.prefix].map(bytes));
  const place = { conversation: file.conv_id, epoch: file.epoch };
  const data = new Blob([plain]);
  const made = await sealFileWith(given, await sealKey(bytes(file.key)), place, { data, name, mime });
  const sealed = new Uint8Array(await new Response(made.stream).arrayBuffer());
  return { descriptor: await made.descriptor, sealed };
}

interface Place {
  readonly key: string;
  readonly conv_id: ConversationId;
  readonly epoch: number;
}

async function openedFile(
  { key, conv_id, epoch }: Place,
  told: Bytes,
  sealed: Bytes,
): Promise<Reading<Bytes>> {
  const descriptor = decodeDescriptor(told);
  if (!descriptor.ok) {
    return descriptor;
  }
  const place = { conversation: conv_id, epoch };
  const opened = await openWholeFile(await sealKey(bytes(key)), place, descriptor.value, new Blob([sealed]));
  return opened.ok ? read(new Uint8Array(await opened.value.arrayBuffer())) : opened;
}

function sameAs(one: Bytes, other: Bytes): boolean {
  return one.length === other.length && one.every((byte, i) => byte === other[i]);
}

function descriptorFields({ fileId, fkw, size, sealedSize, root, name, mime }: FileDescriptor): Fields {
  const [nameBytes, mimeBytes] = [name, mime].map((text) => new TextEncoder().encode(text));
  return {
    file_id: hex(fileId),
    fkw: hex(fkw),
    size,
    sealed_size: sealedSize,
    root: hex(root),
    name_length: nameBytes?.length,
    name: hex(nameBytes as Bytes),
    mime_length: mimeBytes?.length,
    mime: hex(mimeBytes as Bytes),
  };
}

interface BackupPositive {
  readonly name: string;
  readonly part: "password" | "blob" | "blob of the code" | "bundle";
  readonly [field: string]: unknown;
}

interface BackupNegative {
  readonly name: string;
  readonly part: "blob" | "bundle";
  readonly bytes: string;
  readonly uid?: Uid;
  readonly rc?: string;
}

interface BackupFile extends VectorFile<
  BackupPositive,
  BackupNegative,
  { readonly name: string; readonly record: "BackupBlob" | "Bundle"; readonly bytes: string }
> {
  readonly tenant: TenantId;
  readonly uid: Uid;
  readonly pepper: string;
  readonly kdf_salt: string;
  readonly backup_id: string;
  readonly rc: string;
  readonly bk: string;
  readonly bk_pw_salt: string;
  readonly bk_rc_salt: string;
  readonly bundle_salt: string;
  readonly ark: KeyPair;
  readonly "aek 1": KeyPair;
}

export async function checkBackup(file: BackupFile, findings: Findings): Promise<void> {
  const derived = new Map<string, { password: DerivedPassword; share: Secret }>();
  for (const one of file.positive) {
    switch (one.part) {
      case "password":
        derived.set(one["password"] as string, await checkPassword(file, one, findings));
        break;
      case "bundle":
        await checkBundle(one, findings);
        break;
      case "blob":
      case "blob of the code":
        await checkBlob(file, one, derived.get(one["password"] as string), findings);
        break;
    }
    findings.positive++;
  }
  for (const one of file.negative) {
    const found =
      one.part === "bundle"
        ? await comparedBundle(file, bytes(one.bytes))
        : await byCode(file, bytes(one.bytes), one.uid, one.rc);
    findings.fault(one.name, found, one.fault);
    findings.negative++;
  }
  for (const one of file.altered) {
    await findings.altered(one.name, bytes(one.bytes), one, (altered) =>
      one.record === "Bundle" ? comparedBundle(file, altered) : byCode(file, altered),
    );
  }
}

async function checkPassword(file: BackupFile, one: BackupPositive, findings: Findings) {
  const { name } = one;
  const [text, iterations] = [one["password"] as string, one["iterations"] as number];
  const parameters = { kdfId: 1, iterations, salt: bytes(file.kdf_salt) };
  const normal = new TextEncoder().encode(text.normalize("NFKC"));
  const root = await pbkdf2("SHA-256", normal, parameters.salt, iterations, 32);
  await findings.same(name, "pw_root", root, one["pw_root"] as string);
  const password = findings.value(name, "deriving", await DerivedPassword.of(text, parameters, file.uid));
  await findings.same(name, "auth", password.auth.reveal(), one["auth"] as string);
  const whose = join(bytesOf(file.tenant), bytesOf(file.uid), bytes(file.backup_id), password.auth.reveal());
  for (const [what, as] of [
    ["verifier", "e2r/1/backup-verify"],
    ["share", "e2r/1/backup-share"],
  ] as const) {
    await findings.same(
      name,
      what,
      await hmac(bytes(file.pepper), join(label(as), whose)),
      one[what] as string,
    );
  }
  const share = bytes(one["share"] as string);
  const info = join(label("e2r/1/backup-kek"), bytes(file.backup_id));
  await findings.same(
    name,
    "kek_pw",
    await hkdf(join(root, share), bytesOf(file.uid), info, 32),
    one["kek_pw"] as string,
  );
  return { password, share: new Secret(share) };
}

async function checkBundle(one: BackupPositive, findings: Findings): Promise<void> {
  const bundle = findings.value(one.name, "reading", decodeBundle(bytes(one["bytes"] as string)));
  findings.equal(one.name, "the fields", bundleFields(bundle), one["fields"]);
  await findings.same(one.name, "the bundle written anew", encodeBundle(bundle), one["bytes"] as string);
}

function bundleFields({ recordHash, accountSeq, ark, recoveryCode, generations }: Bundle): Fields {
  return {
    ver: 1,
    record_hash: hex(recordHash),
    account_seq: accountSeq,
    ark: hex(ark.reveal()),
    rc: hex(recoveryCode.reveal()),
    n: generations.length,
    aeks: generations.map(({ aekGen, aek }) => ({ aek_gen: aekGen, aek: hex(aek.reveal()) })),
  };
}

async function checkBlob(
  file: BackupFile,
  one: BackupPositive,
  by: { password: DerivedPassword; share: Secret } | undefined,
  findings: Findings,
): Promise<void> {
  const { name } = one;
  const owner = { tenant: file.tenant, uid: file.uid };
  const plain = plainBundle(file, one);
  let blob = by === undefined ? bytes(one["bytes"] as string) : new Uint8Array(0);
  if (by !== undefined) {
    const given = new Given([file.bk, file.bk_pw_salt, file.bk_rc_salt, file.bundle_salt].map(bytes));
    const version = { backupId: bytes(file.backup_id), bundleSeq: one["bundle_seq"] as number };
    const bundle = findings.value(name, "the bundle", decodeBundle(plain));
    blob = await makeBackupWith(given, owner, version, by.password, by.share, bundle);
    await findings.same(name, "the blob", blob, one["bytes"] as Expected);
    const opened = findings.value(name, "opening", await openByPassword(owner, blob, by.password, by.share));
    findings.equal(name, "what was opened", hex(encodeBundle(opened.bundle)), hex(plain));
  }
  const read = findings.value(name, "reading", decodeBackupBlob(blob));
  if (one["fields"] !== undefined) {
    findings.equal(name, "the fields", backupFields(read), one["fields"]);
  }
  await findings.same(name, "the blob written anew", encodeBackupBlob(read), one["bytes"] as Expected);
  const opened = findings.value(name, "opening by the code", await byCode(file, blob));
  findings.equal(name, "what the code opened", hex(encodeBundle(opened.bundle)), hex(plain));
}

function plainBundle(file: BackupFile, one: BackupPositive): Bytes {
  if (one["plaintext"] !== undefined) {
    return bytes(one["plaintext"] as string);
  }
  const secret = new Secret(secretOf(file["aek 1"]).reveal());
  const generations = Array.from({ length: one["generations"] as number }, (_, i) => {
    return { aekGen: i + 1, aek: secret };
  });
  return encodeBundle({
    recordHash: bytes({ repeat: "a5", times: 32 }),
    accountSeq: 1,
    ark: secretOf(file.ark),
    recoveryCode: new Secret(bytes(file.rc)),
    generations,
  });
}

function byCode(
  file: BackupFile,
  blob: Bytes,
  uid: Uid = file.uid,
  code: string = file.rc,
): Promise<Reading<OpenedBackup>> {
  return openByRecoveryCode({ tenant: file.tenant, uid }, blob, new Secret(bytes(code)));
}

/** A bundle is used only after its keys were compared with those of the account's records. */
async function comparedBundle(file: BackupFile, plain: Bytes): Promise<Reading<unknown>> {
  const bundle = decodeBundle(plain);
  if (!bundle.ok) {
    return bundle;
  }
  const ark = await importSigningKeys(bundle.value.ark, bytes(file.ark.public));
  if (!ark.ok) {
    return ark;
  }
  const first = bundle.value.generations.find(({ aekGen }) => aekGen === 1);
  return first === undefined
    ? unreadable("KEY_MISMATCH")
    : importAgreementKeys(first.aek, bytes(file["aek 1"].public));
}
