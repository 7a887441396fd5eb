// SPDX-License-Identifier: Apache-2.0
// The backup of an account: what somebody needs who has nothing but a password, or the recovery code.
import { type Bytes, bytesOf, type TenantId, type Uid } from "../ids.ts";
import { utf8, join, label, u64 } from "./bytes.ts";
import { type Bundle, decodeBundle, encodeBundle } from "./bundle.ts";
import { type Reading, read, unreadable } from "./fault.ts";
import { hkdf, pbkdf2 } from "./hash.ts";
import { readSealKey, SEAL_KEY_BYTES, type SealKey, sealKey } from "./keys.ts";
import { type Randomness, SECURE } from "./randomness.ts";
import {
  type BackupBlob,
  decodeBackupBlob,
  encodeBackupBlob,
  ITERATIONS_MAX,
  ITERATIONS_MIN,
} from "./records/backup.ts";
import { open, sealWith } from "./seal.ts";
import { Secret } from "./secret.ts";

const SALT_BYTES = 32;
const BACKUP_ID_BYTES = 16;
const SHARE_BYTES = 32;
const ROOT_BYTES = 32;
const PBKDF2_SHA256 = 1;
const AUTH = label("e2r/1/backup-auth");
const PASSWORD_KEK = label("e2r/1/backup-kek");
const RECOVERY_KEK = label("e2r/1/recovery-kek");
const KEY_LABEL = "e2r/1/bk";
const BUNDLE_LABEL = "e2r/1/bundle";
const LONE_SURROGATE = /\p{Surrogate}/u;

/** How a password is derived. Comes from the service, which may lie. */
export interface PasswordParameters {
  readonly kdfId: number;
  readonly iterations: number;
  readonly salt: Bytes;
}

/** Whose account it is. */
export interface Account {
  readonly tenant: TenantId;
  readonly uid: Uid;
}

/** Which of an account's backups; each that is written has a higher number, and after a new password another id. */
export interface BackupVersion {
  readonly backupId: Bytes;
  readonly bundleSeq: number;
}

export interface OpenedBackup extends BackupVersion {
  readonly bundle: Bundle;
}

/** What came of a password; the password itself is no longer needed. */
export class DerivedPassword {
  readonly #root: Bytes;

  private constructor(
    readonly parameters: PasswordParameters,
    /** What the service is shown: it tells a right password from a wrong one, and opens nothing. */
    readonly auth: Secret,
    private readonly uid: Uid,
    root: Bytes,
  ) {
    this.#root = root;
  }

  /** WEAK_KDF comes before anything is derived, so that nobody gets something that is cheap to guess from. */
  static async of(
    password: string,
    parameters: PasswordParameters,
    uid: Uid,
  ): Promise<Reading<DerivedPassword>> {
    const { kdfId, iterations, salt } = parameters;
    const strong = iterations >= ITERATIONS_MIN && iterations <= ITERATIONS_MAX && salt.length === SALT_BYTES;
    if (kdfId !== PBKDF2_SHA256 || !strong) {
      return unreadable("WEAK_KDF");
    }
    if (LONE_SURROGATE.test(password)) {
      // Encoders disagree about it, so another device would never open the backup.
      throw new RangeError("a password is whole Unicode text");
    }
    const root = await pbkdf2("SHA-256", utf8(password.normalize("NFKC")), salt, iterations, ROOT_BYTES);
    const auth = new Secret(await hkdf(root, bytesOf(uid), AUTH, ROOT_BYTES));
    return read(new DerivedPassword(parameters, auth, uid, root));
  }

  /** The key that opens a backup. The share is what the service answers to whoever showed it the right auth. */
  async key(share: Secret, backupId: Bytes): Promise<SealKey> {
    if (share.length !== SHARE_BYTES) {
      throw new RangeError(`a share has ${SHARE_BYTES} bytes`);
    }
    const ikm = join(this.#root, share.reveal());
    return sealKey(await hkdf(ikm, bytesOf(this.uid), join(PASSWORD_KEK, backupId), SEAL_KEY_BYTES));
  }
}

export function newPasswordParameters(iterations = ITERATIONS_MIN): PasswordParameters {
  return { kdfId: PBKDF2_SHA256, iterations, salt: SECURE.bytes(SALT_BYTES) };
}

/** The first backup of an account. */
export function firstBackupVersion(): BackupVersion {
  return { backupId: SECURE.bytes(BACKUP_ID_BYTES), bundleSeq: 1 };
}

/** The one after it, for the same password. */
export function nextBackupVersion(previous: BackupVersion): BackupVersion {
  return { backupId: previous.backupId, bundleSeq: previous.bundleSeq + 1 };
}

/** The one after it, for a new password (or after the recovery code was used). It needs new parameters as well. */
export function versionForNewPassword(previous: BackupVersion): BackupVersion {
  return { backupId: SECURE.bytes(BACKUP_ID_BYTES), bundleSeq: previous.bundleSeq + 1 };
}

/** A BackupBlob. */
export function makeBackup(
  account: Account,
  version: BackupVersion,
  password: DerivedPassword,
  share: Secret,
  bundle: Bundle,
): Promise<Bytes> {
  return makeBackupWith(SECURE, account, version, password, share, bundle);
}

export async function makeBackupWith(
  randomness: Randomness,
  account: Account,
  version: BackupVersion,
  password: DerivedPassword,
  share: Secret,
  bundle: Bundle,
): Promise<Bytes> {
  const { backupId, bundleSeq } = version;
  const context = contextOf(account, version);
  const secret = randomness.bytes(SEAL_KEY_BYTES);
  const sealSecret = async (key: SealKey) => sealWith(randomness, key, KEY_LABEL, context, secret);
  const byPassword = await sealSecret(await password.key(share, backupId));
  const byRecoveryCode = await sealSecret(await recoveryKey(account, bundle.recoveryCode, backupId));
  const plain = encodeBundle(bundle);
  const sealed = await sealWith(randomness, await sealKey(secret), BUNDLE_LABEL, context, plain);
  plain.fill(0);
  secret.fill(0);
  const { iterations, salt } = password.parameters;
  return encodeBackupBlob({
    iterations,
    salt,
    backupId,
    bundleSeq,
    byPassword,
    byRecoveryCode,
    bundle: sealed,
  });
}

/** CANNOT_OPEN for a wrong password, a wrong share, and somebody else's backup alike. */
export async function openByPassword(
  account: Account,
  blob: Bytes,
  password: DerivedPassword,
  share: Secret,
): Promise<Reading<OpenedBackup>> {
  const backup = decodeBackupBlob(blob);
  if (!backup.ok) {
    return backup;
  }
  const key = await password.key(share, backup.value.backupId);
  return openBundle(account, backup.value, key, backup.value.byPassword);
}

/** Afterwards a new password is to be chosen: the old one was forgotten. */
export async function openByRecoveryCode(
  account: Account,
  blob: Bytes,
  code: Secret,
): Promise<Reading<OpenedBackup>> {
  const backup = decodeBackupBlob(blob);
  if (!backup.ok) {
    return backup;
  }
  const key = await recoveryKey(account, code, backup.value.backupId);
  return openBundle(account, backup.value, key, backup.value.byRecoveryCode);
}

async function openBundle(
  account: Account,
  backup: BackupBlob,
  key: SealKey,
  sealedKey: Bytes,
): Promise<Reading<OpenedBackup>> {
  const context = contextOf(account, backup);
  const secret = await open(key, KEY_LABEL, context, sealedKey);
  const bundleKey = secret.ok ? await readSealKey(secret.value) : secret;
  if (!bundleKey.ok) {
    return bundleKey;
  }
  const plain = await open(bundleKey.value, BUNDLE_LABEL, context, backup.bundle);
  if (!plain.ok) {
    return plain;
  }
  const bundle = decodeBundle(plain.value);
  plain.value.fill(0);
  const { backupId, bundleSeq } = backup;
  return bundle.ok ? read({ backupId, bundleSeq, bundle: bundle.value }) : bundle;
}

async function recoveryKey(account: Account, code: Secret, backupId: Bytes): Promise<SealKey> {
  const info = join(RECOVERY_KEK, backupId);
  return sealKey(await hkdf(code.reveal(), bytesOf(account.uid), info, SEAL_KEY_BYTES));
}

function contextOf(account: Account, version: BackupVersion): Bytes {
  const whose = join(bytesOf(account.tenant), bytesOf(account.uid));
  return join(whose, version.backupId, u64(version.bundleSeq));
}
