// SPDX-License-Identifier: Apache-2.0
import {
  type Bundle,
  DerivedPassword,
  firstBackupVersion,
  formatRecoveryCode,
  generateUserKeys,
  makeBackup,
  newPasswordParameters,
  newRecoveryCode,
  nextBackupVersion,
  openByPassword,
  openByRecoveryCode,
  parseRecoveryCode,
  Secret,
} from "../src/index.ts";
import { each, outcome, shared } from "./each.ts";
import { bytes, hex, random, secret, type Seeded } from "./hex.ts";
import { TENANT, value, type World } from "./world.ts";

export const recoveryCodes = each<{ readonly text: string }>(
  async (_, seeded) => {
    const text = await formatRecoveryCode(newRecoveryCode());
    const typed = [text, text.toLowerCase(), text.replaceAll("-", " "), text.replaceAll("0", "o")][
      seeded.next(4)
    ]!;
    return [{ text: typed }, text];
  },
  async (_, { text }) => {
    const code = await parseRecoveryCode(text);
    return code.ok ? formatRecoveryCode(code.value) : code.fault;
  },
);

interface BackupItem {
  readonly blob: string;
  readonly code: string;
}

const told = ({ recordHash, accountSeq, generations }: Bundle) =>
  `${hex(recordHash)} ${accountSeq} ${generations.map(({ aekGen }) => aekGen).join(" ")}`;

async function bundleOf(world: World, seeded: Seeded): Promise<Bundle> {
  const generations = [];
  for (let aekGen = 1; aekGen <= 1 + seeded.next(3); aekGen++) {
    generations.push({ aekGen, aek: (await generateUserKeys()).secret });
  }
  const recoveryCode = newRecoveryCode();
  const accountSeq = 1 + seeded.next(1e9);
  return { recordHash: random(32), accountSeq, ark: world.ark.secret, recoveryCode, generations };
}

const passwordOf = async (world: World, text: string) =>
  value(await DerivedPassword.of(text, newPasswordParameters(), world.uid));

/** By the recovery code: the password was derived once for all of them. */
export const backups = shared<null, DerivedPassword, null, BackupItem>(
  async (world) => [null, await passwordOf(world, "one password")],
  async (world, password, seeded) => {
    const bundle = await bundleOf(world, seeded);
    const account = { tenant: TENANT, uid: world.uid };
    const share = new Secret(random(32));
    const version = nextBackupVersion(firstBackupVersion());
    const blob = await makeBackup(account, version, password, share, bundle);
    const code = await formatRecoveryCode(bundle.recoveryCode);
    return [{ blob: hex(blob), code }, told(bundle)];
  },
  () => Promise.resolve(null),
  async (world, _, { blob, code }) => {
    const account = { tenant: TENANT, uid: world.other.uid };
    const opened = await openByRecoveryCode(account, bytes(blob), value(await parseRecoveryCode(code)));
    return outcome(opened, ({ bundle }) => told(bundle));
  },
);

interface PasswordItem {
  readonly blob: string;
  readonly password: string;
  readonly share: string;
}

const LETTERS = [..."aZ9 äÅ\u0041\u030a\ufb01\u212b\uff76\uff9e\u{1f511}€"];

export const passwords = each<PasswordItem>(
  async (world, seeded) => {
    const password = Array.from({ length: 12 }, () => LETTERS[seeded.next(LETTERS.length)]).join("");
    const bundle = await bundleOf(world, seeded);
    const share = random(32);
    const derived = await passwordOf(world, password);
    const account = { tenant: TENANT, uid: world.uid };
    const blob = await makeBackup(account, firstBackupVersion(), derived, new Secret(share), bundle);
    return [{ blob: hex(blob), password, share: hex(share) }, told(bundle)];
  },
  async (world, { blob, password, share }) => {
    const account = { tenant: TENANT, uid: world.other.uid };
    const salt = bytes(blob).slice(6, 38);
    const iterations = Number.parseInt(blob.slice(4, 12), 16);
    const derived = await DerivedPassword.of(password, { kdfId: 1, iterations, salt }, account.uid);
    return derived.ok
      ? outcome(await openByPassword(account, bytes(blob), derived.value, secret(share)), ({ bundle }) =>
          told(bundle),
        )
      : derived.fault;
  },
);
