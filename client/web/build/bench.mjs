// SPDX-License-Identifier: Apache-2.0
// What the cryptography costs beyond WebCrypto itself: prints one line per operation.
import { join } from "node:path";
import { HOME, install } from "./run.mjs";

await install();

const { build } = await import("esbuild");
const outfile = join(HOME, "target", "bench", "crypto-cost.mjs");
await build({
  absWorkingDir: HOME,
  entryPoints: ["test/crypto-cost.ts"],
  outfile,
  bundle: true,
  format: "esm",
  platform: "node",
  target: "node20",
  packages: "external",
  logLevel: "warning",
});
await import(outfile);
