// SPDX-License-Identifier: Apache-2.0
// What a service could do to a backup. Each time the same steps without the attack succeed.
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { type Bytes, bytesOf, randomBytes } from "../src/ids.ts";
import {
  type Account,
  DerivedPassword,
  firstBackupVersion,
  makeBackup,
  newPasswordParameters,
  nextBackupVersion,
  openByPassword,
  openByRecoveryCode,
} from "../src/e2r/backup.ts";
import { type Bundle, encodeBundle } from "../src/e2r/bundle.ts";
import { join, u64 } from "../src/e2r/bytes.ts";
import type { Fault } from "../src/e2r/fault.ts";
import { generateUserKeys, importAgreementKeys, importSigningKeys, sealKey } from "../src/e2r/keys.ts";
import { type BackupBlob, decodeBackupBlob, encodeBackupBlob } from "../src/e2r/records/backup.ts";
import { newRecoveryCode } from "../src/e2r/recovery-code.ts";
import { open, seal } from "../src/e2r/seal.ts";
import { Secret } from "../src/e2r/secret.ts";
import { newest } from "../src/e2r/verify/account-chain.ts";
import { assertFault, fault, flipped, person, type Person, TENANT, value } from "./attacks-people.ts";

const PASSWORD = "correct horse battery staple";

interface Scene {
  readonly alice: Person;
  readonly account: Account;
  readonly password: DerivedPassword;
  readonly share: Secret;
  readonly bundle: Bundle;
  readonly version: ReturnType<typeof firstBackupVersion>;
  readonly bytes: Bytes;
  readonly blob: BackupBlob;
}

let scene: Scene;

async function bundleOf({ account, ark, aek }: Person): Promise<Bundle> {
  const { record, hash } = newest(account);
  return {
    recordHash: hash,
    accountSeq: record.statement.seq,
    ark: ark.secret,
    recoveryCode: newRecoveryCode(),
    generations: [{ aekGen: 1, aek: aek.secret }],
  };
}

async function derive(uid: Account["uid"], parameters = newPasswordParameters()): Promise<DerivedPassword> {
  return value(await DerivedPassword.of(PASSWORD, parameters, uid));
}

before(async () => {
  const alice = await person();
  const account = { tenant: TENANT, uid: alice.uid };
  const password = await derive(alice.uid);
  const share = new Secret(randomBytes(32));
  const bundle = await bundleOf(alice);
  const version = firstBackupVersion();
  const bytes = await makeBackup(account, version, password, share, bundle);
  const blob = value(decodeBackupBlob(bytes));
  scene = { alice, account, password, share, bundle, version, bytes, blob };
});

const byPassword = (bytes: Bytes, it: Partial<Scene> = {}) => {
  const { account, password, share } = { ...scene, ...it };
  return openByPassword(account, bytes, password, share);
};
const byCode = (bytes: Bytes, { account, bundle } = scene) =>
  openByRecoveryCode(account, bytes, bundle.recoveryCode);

test("a backup opens with the password and with the recovery code, and holds the account", async () => {
  for (const opened of [value(await byPassword(scene.bytes)), value(await byCode(scene.bytes))]) {
    const { ark, generations, recordHash } = opened.bundle;
    assert.deepEqual(recordHash, newest(scene.alice.account).hash);
    value(await importSigningKeys(ark, scene.alice.ark.keys.publicKey));
    const aek = generations[0]?.aek;
    assert.ok(aek);
    value(await importAgreementKeys(aek, scene.alice.aek.keys.publicKey));
  }
});

test("no byte of a backup can be changed", async () => {
  const { bytes, blob, alice } = scene;
  const faults = new Map<Fault, number>();
  const count = (found: Fault | undefined, at: number) => {
    assert.ok(found, `byte ${at}`);
    faults.set(found, (faults.get(found) ?? 0) + 1);
  };
  // What tells how to derive: whoever derives by it gets another key.
  const changed = flipped(blob.salt, 0);
  const other = await derive(alice.uid, { ...newPasswordParameters(), salt: changed });
  assertFault(
    await byPassword(encodeBackupBlob({ ...blob, salt: changed }), { password: other }),
    "CANNOT_OPEN",
  );
  const more = await derive(alice.uid, { ...scene.password.parameters, iterations: blob.iterations + 1 });
  const longer = encodeBackupBlob({ ...blob, iterations: blob.iterations + 1 });
  assertFault(await byPassword(longer, { password: more }), "CANNOT_OPEN");
  for (let at = 0; at < bytes.length; at++) {
    const [parameter, ofPassword, ofCode] = [at >= 2 && at < 38, at >= 62 && at < 174, at >= 174 && at < 286];
    const broken = flipped(bytes, at, 1 << (at % 8));
    if (!parameter && !ofCode) {
      count(fault(await byPassword(broken)), at);
    }
    if (!parameter && !ofPassword) {
      count(fault(await byCode(broken)), at);
    }
  }
  const opening = [...faults].filter(([name]) => name !== "CANNOT_OPEN").map(([name]) => name);
  assert.deepEqual(opening.sort(), ["OUT_OF_RANGE", "UNKNOWN_VERSION", "WEAK_KDF"]);
  console.log(
    `shown: ts-backup-flips bytes=${bytes.length} refused=${[...faults.values()].reduce((a, b) => a + b)} accepted=0`,
  );
});

test("no part of a backup can be missing", async () => {
  const { bytes } = scene;
  for (let length = 0; length < bytes.length; length += 1) {
    const found = fault(await byPassword(bytes.slice(0, length)));
    assert.equal(found, length < 286 ? "TRUNCATED" : "WRONG_LENGTH", `${length}`);
  }
  assertFault(await byPassword(join(bytes, Uint8Array.of(0))), "WRONG_LENGTH");
  assertFault(await byPassword(join(bytes, new Uint8Array(100))), "CANNOT_OPEN");
});

test("parts of two backups do not make one", async () => {
  const { account, password, share, bundle, version, blob } = scene;
  const again = value(decodeBackupBlob(await makeBackup(account, version, password, share, bundle)));
  const nextVersion = nextBackupVersion(version);
  const next = value(decodeBackupBlob(await makeBackup(account, nextVersion, password, share, bundle)));
  value(await byPassword(encodeBackupBlob(next)));
  for (const spliced of [
    { ...blob, bundle: again.bundle },
    { ...blob, bundle: next.bundle },
    { ...blob, byPassword: next.byPassword },
    { ...next, bundle: blob.bundle },
    { ...next, bundleSeq: blob.bundleSeq },
    { ...blob, bundleSeq: next.bundleSeq },
    { ...blob, backupId: randomBytes(16) },
  ]) {
    assertFault(await byPassword(encodeBackupBlob(spliced)), "CANNOT_OPEN");
  }
  const codes = { ...blob, byRecoveryCode: next.byRecoveryCode };
  assertFault(await byCode(encodeBackupBlob(codes)), "CANNOT_OPEN");
});

test("what is sealed in one place does not open in another", async () => {
  const { account, blob, bundle } = scene;
  const swapped = { ...blob, byPassword: blob.byRecoveryCode, byRecoveryCode: blob.byPassword };
  assertFault(await byPassword(encodeBackupBlob(swapped)), "CANNOT_OPEN");
  assertFault(await byCode(encodeBackupBlob(swapped)), "CANNOT_OPEN");
  // The same key and the same context under another label.
  const key = await sealKey(randomBytes(32));
  const context = join(bytesOf(account.tenant), bytesOf(account.uid), blob.backupId, u64(blob.bundleSeq));
  const plain = encodeBundle(bundle);
  const labels = ["e2r/1/bundle", "e2r/1/bk", "e2r/1/msg", "e2r/1/filekey", "e2r/1/hist", "e2r/1/self"];
  for (const label of labels) {
    const sealed = await seal(key, label, context, plain);
    for (const other of labels) {
      assert.equal(
        fault(await open(key, other, context, sealed)),
        other === label ? undefined : "CANNOT_OPEN",
      );
    }
  }
});

test("another user's backup is not taken for mine, even with the same password", async () => {
  const bob = await person();
  const account = { tenant: TENANT, uid: bob.uid };
  const { share, version, password } = scene;
  const own = await derive(bob.uid, password.parameters);
  const bundle = { ...(await bundleOf(bob)), recoveryCode: scene.bundle.recoveryCode };
  const bytes = await makeBackup(account, version, own, share, bundle);
  value(await openByPassword(account, bytes, own, share));
  value(await openByRecoveryCode(account, bytes, bundle.recoveryCode));
  assertFault(await byPassword(bytes), "CANNOT_OPEN");
  assertFault(await byPassword(bytes, { password: own }), "CANNOT_OPEN");
  assertFault(await byCode(bytes), "CANNOT_OPEN");
  const tenant = "11".repeat(16) as typeof TENANT;
  assertFault(await openByPassword({ ...account, tenant }, bytes, own, share), "CANNOT_OPEN");
});

test("a service that wants a password derived cheaply is told nothing", async () => {
  const { blob, alice } = scene;
  const { subtle } = crypto;
  const derived = subtle.deriveBits.bind(subtle);
  let calls = 0;
  subtle.deriveBits = (...parameters) => {
    calls++;
    return derived(...parameters);
  };
  try {
    const parameters = { kdfId: 1, iterations: 600_000, salt: blob.salt };
    for (const weak of [
      { iterations: 1 },
      { iterations: 0 },
      { iterations: 599_999 },
      { iterations: 10_000_001 },
      { iterations: Number.NaN },
      { iterations: -600_000 },
      { kdfId: 0 },
      { kdfId: 2 },
    ]) {
      const reading = await DerivedPassword.of(PASSWORD, { ...parameters, ...weak }, alice.uid);
      assert.deepEqual(reading, { ok: false, fault: "WEAK_KDF" });
    }
    // Nor is a salt that makes two users' derivations one.
    const salt = bytesOf(alice.uid);
    assertFault(await DerivedPassword.of(PASSWORD, { ...parameters, salt }, alice.uid), "WEAK_KDF");
    assert.equal(calls, 0);
    value(await DerivedPassword.of(PASSWORD, parameters, alice.uid));
    assert.equal(calls, 2);
  } finally {
    subtle.deriveBits = derived;
  }
  const bytes = encodeBackupBlob(blob);
  for (const [at, byte] of [
    [1, 2],
    [1, 0],
    [3, 0],
    [2, 1],
  ] as const) {
    const weak = bytes.slice();
    weak[at] = byte;
    assertFault(await byPassword(weak), "WEAK_KDF");
  }
});

test("whatever is wrong with what is opened, the answer is the same", async () => {
  const { bytes, blob, alice, share } = scene;
  const wrong = value(await DerivedPassword.of("another password", scene.password.parameters, alice.uid));
  const answers = await Promise.all([
    byPassword(bytes, { password: wrong }),
    byPassword(bytes, { share: new Secret(flipped(share.reveal(), 31)) }),
    byPassword(bytes, { account: { tenant: TENANT, uid: (await person()).uid } }),
    openByRecoveryCode(scene.account, bytes, newRecoveryCode()),
    ...[0, 31, 32, 63, 64, 95, 96, 111].flatMap((at) => [
      byPassword(encodeBackupBlob({ ...blob, byPassword: flipped(blob.byPassword, at) })),
      byPassword(encodeBackupBlob({ ...blob, bundle: flipped(blob.bundle, at) })),
    ]),
    byPassword(encodeBackupBlob({ ...blob, byPassword: new Uint8Array(112) })),
    byPassword(encodeBackupBlob({ ...blob, bundle: new Uint8Array(339) })),
  ]);
  value(await byPassword(bytes));
  const faces = new Set(answers.map((answer) => JSON.stringify(answer)));
  assert.deepEqual([...faces], ['{"ok":false,"fault":"CANNOT_OPEN"}']);
  console.log(`shown: ts-open-errors causes=${answers.length} answers=${faces.size}`);
});

test("the size of a backup tells how many keys there were, and nothing else", async () => {
  const { account, password, share, version, bundle, bytes } = scene;
  const sizes = new Map<number, Set<number>>();
  for (const count of [1, 2, 5]) {
    for (const fill of [0x00, 0x41, 0xff]) {
      const generations = await Promise.all(
        Array.from({ length: count }, async (_, i) => {
          const aek =
            fill === 0x41 ? (await generateUserKeys()).secret : new Secret(new Uint8Array(96).fill(fill));
          return { aekGen: fill === 0xff ? i * 1000 + 1 : i + 1, aek };
        }),
      );
      const accountSeq = fill === 0xff ? 2 ** 53 - 1 : 1;
      const made = await makeBackup(account, version, password, share, {
        ...bundle,
        accountSeq,
        generations,
      });
      sizes.set(count, (sizes.get(count) ?? new Set()).add(made.length));
    }
  }
  assert.deepEqual(
    [...sizes].map(([count, lengths]) => [count, [...lengths]]),
    [1, 2, 5].map((count) => [count, [286 + 239 + 100 * count]]),
  );
  assert.equal(bytes.length, 625);
});
