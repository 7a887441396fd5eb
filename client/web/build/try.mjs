// SPDX-License-Identifier: Apache-2.0
// Shows the page without the service: builds it and serves it over the fake one of the tests, until stopped.
import { join } from "node:path";
import { HOME } from "./run.mjs";
import "./site.mjs";

const { build } = await import("esbuild");
const outfile = join(HOME, "target", "test", "fake-site.mjs");
await build({
  absWorkingDir: HOME,
  entryPoints: ["test/fake-site.ts"],
  outfile,
  bundle: true,
  format: "esm",
  platform: "node",
  target: "node20",
  packages: "external",
});
process.argv.splice(2, process.argv.length, HOME, process.argv[2] ?? "8080");
await import(outfile);
