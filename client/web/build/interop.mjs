// SPDX-License-Identifier: Apache-2.0
// Bundles the program that the Java side talks to when both sides' cryptography is compared.
import { join } from "node:path";
import { generate } from "./generate.mjs";
import { HOME, install } from "./run.mjs";

await install();
await generate();
const { build } = await import("esbuild");
const outfile = join(HOME, "target", "interop", "peer.mjs");
await build({
  absWorkingDir: HOME,
  entryPoints: ["interop/peer.ts"],
  outfile,
  bundle: true,
  format: "esm",
  platform: "node",
  target: "node20",
  packages: "external",
  sourcemap: "inline",
  logLevel: "warning",
});
console.log(outfile);
