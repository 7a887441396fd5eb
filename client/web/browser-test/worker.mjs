// SPDX-License-Identifier: Apache-2.0
// The cryptography of the TypeScript client in a dedicated worker of a real Chromium, under a policy that lets nothing
// be evaluated: the same vectors as in Node, files, and keys that stay over a reload. Usage:
//   node worker.mjs
// Prints what was shown; ends with 1 when something is not as it should be.
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import { HOME, install } from "../build/run.mjs";
import { findChromium } from "./find-chromium.mjs";

const RESOURCES = join(HOME, "..", "..", "protocol", "src", "test", "resources");
const RESOURCE = /^\/resources\/([a-z]+)\/([a-z0-9_-]+\.json)$/;
const SCRIPT = `<script type="module" src="/page.js"></script>`;
const PAGE = `<!doctype html><html lang="en"><title>Checks</title>${SCRIPT}</html>`;
const POLICY =
  "default-src 'none'; script-src 'self'; worker-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'";
const FILE_BYTES = 25 * 1024 * 1024;
const WITHIN_MS = 120_000;
const WYCHEPROOF = { ecdh: 353, ecdsa: 262, aes: 316, hkdf: 86, hmac: 174, pbkdf2: 60 };

const complaints = [];
const shown = (name, facts) => {
  const text = Object.entries(facts).map(([key, value]) => `${key}=${value}`);
  console.log(`shown: ${name} ${text.join(" ")} runtime=chromium-worker`);
};

async function scripts() {
  await install();
  const { build } = await import("esbuild");
  const { outputFiles } = await build({
    absWorkingDir: HOME,
    entryPoints: ["test/checks/page.ts", "test/checks/worker.ts"],
    outdir: HOME,
    bundle: true,
    format: "esm",
    target: ["es2022", "chrome109", "firefox115", "safari16.4"],
    write: false,
    logLevel: "warning",
  });
  return new Map(outputFiles.map(({ path, contents }) => [`/${path.split(/[\\/]/).at(-1)}`, contents]));
}

/** The page, what it loads, the vectors, and SHAKE128, which browsers do not have. */
async function serve(files) {
  const server = createServer(async (request, response) => {
    const { pathname, searchParams } = new URL(request.url, "http://localhost");
    const answer = (type, body, status = 200) => {
      response.writeHead(status, {
        "Content-Type": type,
        "Content-Security-Policy": POLICY,
        "X-Content-Type-Options": "nosniff",
      });
      response.end(body);
    };
    const resource = RESOURCE.exec(pathname);
    if (pathname === "/") {
      answer("text/html", PAGE);
    } else if (files.has(pathname)) {
      answer("text/javascript", files.get(pathname));
    } else if (resource) {
      answer("application/json", await readFile(join(RESOURCES, resource[1], resource[2])));
    } else if (pathname === "/shake128" && request.method === "POST") {
      const hash = createHash("shake128", { outputLength: Number(searchParams.get("bytes")) });
      for await (const chunk of request) {
        hash.update(chunk);
      }
      answer("application/octet-stream", hash.digest());
    } else if (pathname === "/favicon.ico") {
      answer("image/x-icon", "");
    } else {
      answer("text/plain", "nothing is here", 404);
    }
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return server;
}

function expect(fact, otherwise) {
  if (!fact) {
    complaints.push(otherwise);
  }
}

async function check(page, job, input, name = job) {
  const began = performance.now();
  const result = await page.evaluate(([job, input]) => globalThis.run(job, input), [job, input]);
  complaints.push(...result.failures);
  const ms = Math.round(performance.now() - began);
  return { name, facts: { checked: result.checked, failures: result.failures.length, ms }, result };
}

async function checkAll(page) {
  const where = await page.evaluate(() => globalThis.run("where"));
  expect(
    where.worker && where.secure,
    `not in a dedicated worker of a secure context: ${JSON.stringify(where)}`,
  );
  expect(where.evaluates === false, "the policy lets text be evaluated");
  const literals = await check(page, "literals");
  expect(literals.result.checked === 23, `${literals.result.checked} of the first vectors`);
  shown("literals", literals.facts);
  await checkPublished(page);
  for (const [name, count] of Object.entries(WYCHEPROOF)) {
    const { result, facts } = await check(page, "wycheproof", name);
    expect(result.checked === count, `${name}: ${result.checked} vectors, not ${count}`);
    shown(`wycheproof-${name}`, facts);
    expect(name !== "aes" || result.ofSuiteSize === 66, `${result.ofSuiteSize} of the suite's size`);
  }
  for (const job of ["hpke", "tink", "fileAttacks"]) {
    const { facts } = await check(page, job);
    expect(facts.checked > 0, `${job}: nothing was checked`);
    shown(job, facts);
  }
  shown("file", { bytes: FILE_BYTES, ...(await check(page, "file", FILE_BYTES)).facts });
}

/** Our own published vectors: every one of them, as many as their index says. */
async function checkPublished(page) {
  const { result, facts } = await check(page, "vectors");
  const { counts } = JSON.parse(await readFile(join(RESOURCES, "vectors", "index.json"), "utf8"));
  for (const [kind, count] of Object.entries(counts)) {
    expect(result[kind] === count, `${kind}: ${result[kind]} vectors, not ${count}`);
  }
  shown("vectors", { ...counts, ...facts });
}

/** Keys are kept, the page is loaded again with another worker, and they come back as good as before. */
async function checkKeys(page) {
  const filled = await check(page, "fillKeys");
  const kept = await page.evaluate(() => globalThis.run("askToKeep"));
  await page.reload();
  await page.waitForLoadState("load");
  const { facts } = await check(page, "checkKeys");
  expect(facts.checked === 24, `key store: ${facts.checked} checks after the reload`);
  shown("key-store", { kind: "indexeddb", filled: filled.facts.checked, ...facts, persistent: kept });
}

const server = await serve(await scripts());
const { executable, args } = await findChromium();
const { chromium } = await import("playwright-core");
const browser = await chromium.launch({
  executablePath: executable,
  headless: true,
  args: [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    ...args,
  ],
});
try {
  const page = await (await browser.newContext()).newPage();
  page.setDefaultTimeout(WITHIN_MS);
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") {
      complaints.push(`console: ${message.text()}`);
    }
  });
  page.on("pageerror", (error) => complaints.push(error.message));
  await page.goto(`http://127.0.0.1:${server.address().port}/`);
  await checkAll(page);
  await checkKeys(page);
} catch (error) {
  complaints.push(error.message);
}
const version = browser.version();
await browser.close();
server.closeAllConnections();
server.close();
console.log(JSON.stringify({ ok: complaints.length === 0, browser: version, complaints }));
process.exitCode = complaints.length === 0 ? 0 : 1;
