// SPDX-License-Identifier: Apache-2.0
// Every check of this module: types, format, contract, tests. Results of the tests go to target/surefire-reports.
import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { checkContract } from "./contract.mjs";
import { generate } from "./generate.mjs";
import { HOME, install, run, runTool } from "./run.mjs";

const TESTS = join(HOME, "target", "test");
const REPORTS = join(HOME, "target", "surefire-reports");

await install();
await generate();

async function tests() {
  const names = readdirSync(join(HOME, "test")).filter((name) => name.endsWith(".test.ts"));
  const { build } = await import("esbuild");
  rmSync(TESTS, { recursive: true, force: true });
  await build({
    absWorkingDir: HOME,
    entryPoints: names.map((name) => `test/${name}`),
    outdir: TESTS,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node20",
    // Packages are loaded, not bundled; so are the built-in modules.
    packages: "external",
    sourcemap: "inline",
    logLevel: "warning",
  });
  mkdirSync(REPORTS, { recursive: true });
  rmSync(join(REPORTS, "TEST-web.xml"), { force: true });
  await run(process.execPath, [
    "--enable-source-maps",
    // A file that does not end by itself has left something open.
    "--test-timeout=60000",
    "--test",
    "--test-reporter=spec",
    "--test-reporter-destination=stdout",
    `--test-reporter=${join(HOME, "build", "surefire.mjs")}`,
    `--test-reporter-destination=${join(REPORTS, "TEST-web.xml")}`,
    ...names.map((name) => join(TESTS, name.replace(/\.ts$/, ".mjs"))),
  ]);
}

const results = await Promise.allSettled([
  runTool("tsc", ["--noEmit"]),
  runTool("prettier", ["--check", "--log-level=warn", "."]),
  checkContract(),
  tests(),
]);
for (const { reason } of results.filter(({ status }) => status === "rejected")) {
  console.error(reason.message);
  process.exitCode = 1;
}
