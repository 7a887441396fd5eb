// SPDX-License-Identifier: Apache-2.0
// The contract with older releases: protocol/contract.json describes every message as it was last agreed on.
// Checking compares the .proto files with it, without a network or a git history; --publish writes it anew.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { HOME, install, runTool } from "./run.mjs";

const PROTOCOL = join(HOME, "..", "..", "protocol");
const CONTRACT = join(PROTOCOL, "contract.json");

const buf = (...args) => runTool("buf", args, { cwd: PROTOCOL });

/** The .proto files as they are now, one line per fact so that a change reads well in a diff. */
async function describe() {
  const image = await runTool("buf", ["build", "--exclude-source-info", "-o", "-#format=json"], {
    cwd: PROTOCOL,
    quiet: true,
  });
  return JSON.stringify(JSON.parse(image), null, 1) + "\n";
}

export async function checkContract() {
  await buf("lint");
  await buf("breaking", "--against", CONTRACT);
  if ((await describe()) !== readFileSync(CONTRACT, "utf8")) {
    throw new Error(
      "the .proto files say more than protocol/contract.json: run `npm run contract` in client/web",
    );
  }
}

async function publish(acceptBreaking) {
  await buf("lint");
  if (existsSync(CONTRACT) && !acceptBreaking) {
    await buf("breaking", "--against", CONTRACT);
  }
  writeFileSync(CONTRACT, await describe());
}

if (process.argv.includes("--publish")) {
  await install();
  await publish(process.argv.includes("--accept-breaking"));
}
