// SPDX-License-Identifier: Apache-2.0
import { checkAccount, checkEpoch, checkGenesis } from "./chains.ts";
import { checkFixed, type SeedPairs } from "./fixed.ts";
import { checkDisclosure, checkEnvelope, checkGrant, checkSelf } from "./messages.ts";
import {
  checkLabels,
  checkPadding,
  checkRecoveryCode,
  checkSafetyNumber,
  checkSeal,
  checkWrap,
} from "./primitives.ts";
import { Findings } from "./reading.ts";
import { checkBackup, checkFiles } from "./storage.ts";

type Load = (name: string) => Promise<unknown>;
type Check = (file: never, findings: Findings) => Promise<void>;

const CHECKS: Readonly<Record<string, Check>> = {
  account: checkAccount,
  backup: checkBackup,
  disclosure: checkDisclosure,
  envelope: checkEnvelope,
  epoch: checkEpoch,
  files: checkFiles,
  genesis: checkGenesis,
  grant: checkGrant,
  labels: checkLabels,
  padding: checkPadding,
  "recovery-code": checkRecoveryCode,
  "safety-number": checkSafetyNumber,
  seal: checkSeal,
  self: checkSelf,
  wrap: checkWrap,
};

export interface Checked {
  readonly checked: number;
  readonly positive: number;
  readonly negative: number;
  readonly flips: number;
  readonly cuts: number;
  readonly failures: string[];
}

/** Checks every published vector; `load` brings a file by its name, without its ending. Runs wherever WebCrypto is. */
export async function checkVectors(load: Load): Promise<Checked> {
  const { files } = (await load("index")) as { files: readonly string[] };
  const findings = new Findings();
  for (const name of files) {
    findings.begin(name);
    const check = CHECKS[name];
    try {
      if (name === "fixed") {
        await checkFixed((await load(name)) as never, (await load("wrap")) as SeedPairs, findings);
      } else if (check === undefined) {
        throw new Error("nobody checks this file");
      } else {
        await check((await load(name)) as never, findings);
      }
    } catch (error) {
      findings.fail("the file", String(error));
    }
  }
  const { positive, negative, flips, cuts, failures } = findings;
  return { checked: positive + negative + flips + cuts, positive, negative, flips, cuts, failures };
}
