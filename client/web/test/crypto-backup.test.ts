// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { test } from "node:test";
import {
  type BackupVersion,
  DerivedPassword,
  firstBackupVersion,
  makeBackup,
  newPasswordParameters,
  nextBackupVersion,
  openByPassword,
  openByRecoveryCode,
  type PasswordParameters,
  versionForNewPassword,
} from "../src/e2r/backup.ts";
import { type Bundle, decodeBundle, encodeBundle } from "../src/e2r/bundle.ts";
import {
  generateAccountKeys,
  generateUserKeys,
  importAgreementKeys,
  importSigningKeys,
} from "../src/e2r/keys.ts";
import { newRecoveryCode } from "../src/e2r/recovery-code.ts";
import { decodeBackupBlob } from "../src/e2r/records/backup.ts";
import { Secret } from "../src/e2r/secret.ts";
import type { Bytes, TenantId, Uid } from "../src/ids.ts";
import { filled } from "./checks/tally.ts";

const ACCOUNT = { tenant: "01".repeat(16) as TenantId, uid: "bb".repeat(16) as Uid };
const STRANGER = { tenant: ACCOUNT.tenant, uid: "bc".repeat(16) as Uid };
const PASSWORD = "correct horse battery staple";
const FAILED = { ok: false, fault: "CANNOT_OPEN" };

const ark = await generateAccountKeys();
const aeks = await Promise.all([generateUserKeys(), generateUserKeys()]);
const bundle: Bundle = {
  recordHash: filled(0xe1),
  accountSeq: 4,
  ark: ark.secret,
  recoveryCode: newRecoveryCode(),
  generations: aeks.map(({ secret }, i) => ({ aekGen: i + 1, aek: secret })),
};

/** What the service answers to the right auth. */
function shareFor(account: typeof ACCOUNT, version: BackupVersion, auth: Secret): Secret {
  const mac = createHmac("sha256", "the service's pepper");
  const label = "e2r/1/backup-share";
  mac.update(Buffer.from([label.length])).update(label);
  mac
    .update(Buffer.from(account.tenant + account.uid, "hex"))
    .update(version.backupId)
    .update(auth.reveal());
  return new Secret(new Uint8Array(mac.digest()));
}

async function derive(password: string, parameters: PasswordParameters, uid = ACCOUNT.uid) {
  const derived = await DerivedPassword.of(password, parameters, uid);
  assert.ok(derived.ok);
  return derived.value;
}

const parameters = newPasswordParameters();
const password = await derive(PASSWORD, parameters);
const version = firstBackupVersion();
const share = shareFor(ACCOUNT, version, password.auth);
const blob = await makeBackup(ACCOUNT, version, password, share, bundle);

const flipped = (bytes: Bytes, at: number) => {
  const changed = bytes.slice();
  changed[at] = (changed[at] as number) ^ 1;
  return changed;
};

test("a password opens the backup, and its keys work", async () => {
  const opened = await openByPassword(ACCOUNT, blob, await derive(PASSWORD, parameters), share);
  assert.ok(opened.ok);
  const found = opened.value.bundle;
  assert.deepEqual(encodeBundle(found), encodeBundle(bundle));
  assert.equal(found.ark.reveal().length, 96);
  assert.ok((await importSigningKeys(found.ark, ark.keys.publicKey)).ok);
  for (const [i, { aek }] of found.generations.entries()) {
    assert.ok((await importAgreementKeys(aek, aeks[i]?.keys.publicKey as Bytes)).ok);
  }
  const other = await importSigningKeys(found.ark, (await generateAccountKeys()).keys.publicKey);
  assert.deepEqual(other, { ok: false, fault: "KEY_MISMATCH" });
});

test("the recovery code opens it without the service's share", async () => {
  const opened = await openByRecoveryCode(ACCOUNT, blob, bundle.recoveryCode);
  assert.ok(opened.ok);
  assert.deepEqual(encodeBundle(opened.value.bundle), encodeBundle(bundle));
  assert.deepEqual(await openByRecoveryCode(ACCOUNT, blob, newRecoveryCode()), FAILED);
});

test("a wrong password, a wrong share and another account all fail in one way", async () => {
  const wrong = await derive("correct horse battery stable", parameters);
  assert.deepEqual(await openByPassword(ACCOUNT, blob, wrong, share), FAILED);
  assert.deepEqual(await openByPassword(ACCOUNT, blob, password, new Secret(filled(1))), FAILED);
  assert.deepEqual(await openByPassword(STRANGER, blob, password, share), FAILED);
  const theirs = await derive(PASSWORD, parameters, STRANGER.uid);
  assert.deepEqual(await openByPassword(STRANGER, blob, theirs, share), FAILED);
  assert.notDeepEqual(theirs.auth.reveal(), password.auth.reveal());
});

test("a weak derivation is refused before anything is derived", async () => {
  let derivations = 0;
  const { subtle } = crypto;
  const deriveBits = subtle.deriveBits.bind(subtle);
  Object.defineProperty(subtle, "deriveBits", {
    configurable: true,
    value: (...of: Parameters<typeof deriveBits>) => {
      derivations++;
      return deriveBits(...of);
    },
  });
  const refused = async (changes: Partial<PasswordParameters>) => {
    const derived = await DerivedPassword.of(PASSWORD, { ...parameters, ...changes }, ACCOUNT.uid);
    return derived.ok ? "none" : derived.fault;
  };
  for (const iterations of [0, 1, 599_999, 10_000_001, Number.NaN, -1]) {
    assert.equal(await refused({ iterations }), "WEAK_KDF");
  }
  for (const kdfId of [0, 2]) {
    assert.equal(await refused({ kdfId }), "WEAK_KDF");
  }
  assert.equal(await refused({ salt: filled(1, 16) }), "WEAK_KDF");
  assert.equal(derivations, 0);
  assert.equal(await refused({}), "none");
  assert.ok(derivations > 0, "derivations are counted");
  Reflect.deleteProperty(subtle, "deriveBits");
});

test("no byte of a backup can be changed", async () => {
  const saying = async (changed: Bytes) => {
    const [byPassword, byCode] = await Promise.all([
      openByPassword(ACCOUNT, changed, password, share),
      openByRecoveryCode(ACCOUNT, changed, bundle.recoveryCode),
    ]);
    return [byPassword, byCode].map((opened) => (opened.ok ? "opens" : opened.fault));
  };
  assert.deepEqual(await saying(blob), ["opens", "opens"]);
  const [idAt, passwordAt, codeAt, bundleAt] = [38, 62, 174, 286];
  for (let at = idAt; at < blob.length; at++) {
    const wanted = ["CANNOT_OPEN", "CANNOT_OPEN"];
    if (at >= passwordAt && at < codeAt) {
      wanted[1] = "opens";
    } else if (at >= codeAt && at < bundleAt) {
      wanted[0] = "opens";
    }
    if (at === idAt + 16 || at === passwordAt - 1) {
      // A bundle_seq of 2^56, or of 0.
      wanted.fill("OUT_OF_RANGE");
    }
    assert.deepEqual(await saying(flipped(blob, at)), wanted, `byte ${at}`);
  }
  const swapped = blob.slice();
  swapped.set(blob.slice(passwordAt, codeAt), codeAt);
  swapped.set(blob.slice(codeAt, bundleAt), passwordAt);
  assert.deepEqual(await saying(swapped), ["CANNOT_OPEN", "CANNOT_OPEN"]);
});

test("a new password opens the next backup, and the old one no longer", async () => {
  const opened = await openByRecoveryCode(ACCOUNT, blob, bundle.recoveryCode);
  assert.ok(opened.ok);
  const next = versionForNewPassword(opened.value);
  const changed = await derive("another one", newPasswordParameters());
  const newShare = shareFor(ACCOUNT, next, changed.auth);
  const again = await makeBackup(ACCOUNT, next, changed, newShare, opened.value.bundle);
  assert.ok((await openByPassword(ACCOUNT, again, changed, newShare)).ok);
  assert.ok((await openByRecoveryCode(ACCOUNT, again, bundle.recoveryCode)).ok);
  assert.deepEqual(await openByPassword(ACCOUNT, again, password, share), FAILED);
  const read = decodeBackupBlob(again);
  assert.ok(read.ok);
  assert.equal(read.value.bundleSeq, 2);
  assert.notDeepEqual(read.value.backupId, version.backupId);
  assert.deepEqual(nextBackupVersion(next), { backupId: next.backupId, bundleSeq: 3 });
});

test("a password is the same however it was composed", async () => {
  const composed = await derive("Stra\u00dfe \u00e9 \ufb01", parameters);
  const decomposed = await derive("Stra\u00dfe e\u0301 fi", parameters);
  assert.deepEqual(decomposed.auth.reveal(), composed.auth.reveal());
  await assert.rejects(DerivedPassword.of("\ud800", parameters, ACCOUNT.uid), RangeError);
});

test("a bundle comes back as it was, and anything else is refused", () => {
  const bytes = encodeBundle(bundle);
  assert.equal(bytes.length, 1 + 32 + 8 + 96 + 20 + 2 + 2 * 100);
  const fault = (changed: Bytes) => {
    const reading = decodeBundle(changed);
    return reading.ok ? "none" : reading.fault;
  };
  assert.equal(fault(bytes), "none");
  for (let length = 0; length < bytes.length; length++) {
    assert.equal(fault(bytes.slice(0, length)), "TRUNCATED");
  }
  assert.equal(fault(new Uint8Array([...bytes, 0])), "TRAILING_BYTES");
  const at = (offset: number, ...values: number[]) => {
    const changed = bytes.slice();
    changed.set(values, offset);
    return fault(changed);
  };
  assert.equal(at(0, 2), "UNKNOWN_VERSION");
  assert.equal(at(33, 0, 0, 0, 0, 0, 0, 0, 0), "OUT_OF_RANGE");
  assert.equal(at(157, 0, 0), "OUT_OF_RANGE");
  assert.equal(at(157, 3, 0xe9), "OUT_OF_RANGE");
  assert.equal(at(159, 0, 0, 0, 0), "OUT_OF_RANGE");
  assert.equal(at(159, 0, 0, 0, 2), "UNSORTED");
  const most = Array.from({ length: 1000 }, (_, i) => ({ aekGen: i + 1, aek: new Secret(filled(1, 96)) }));
  assert.equal(fault(encodeBundle({ ...bundle, generations: most })), "none");
  for (const generations of [[], [...most, { aekGen: 1001, aek: new Secret(filled(1, 96)) }]]) {
    assert.throws(() => encodeBundle({ ...bundle, generations }), /OUT_OF_RANGE/);
  }
});
