// SPDX-License-Identifier: Apache-2.0
import { accessSync, constants, mkdirSync, statSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { install } from "../build/run.mjs";

const HOME = dirname(fileURLToPath(import.meta.url));
const NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/**
 * The browser to test with: E2RELAY_CHROMIUM, else one in PATH, else one that comes as a package. Installs what acts on
 * it too; the packaged browser only where it is needed.
 */
export async function findChromium() {
  const chosen = process.env.E2RELAY_CHROMIUM;
  if (chosen && !isProgram(chosen)) {
    throw new Error(`E2RELAY_CHROMIUM is not a program: ${chosen}`);
  }
  const installed = chosen || inPath();
  await install(HOME, installed ? ["--omit=optional"] : []);
  if (installed) {
    return { executable: installed, args: [] };
  }
  // It unpacks itself into the temporary folder: give it one of its own, and keep that for the next time.
  const unpacked = join(HOME, "node_modules", ".chromium");
  mkdirSync(unpacked, { recursive: true });
  const before = process.env.TMPDIR;
  process.env.TMPDIR = unpacked;
  try {
    const { default: chromium } = await import("@sparticuz/chromium");
    return { executable: await chromium.executablePath(), args: ["--headless=shell"] };
  } finally {
    if (before === undefined) {
      delete process.env.TMPDIR;
    } else {
      process.env.TMPDIR = before;
    }
  }
}

function inPath() {
  const folders = (process.env.PATH ?? "").split(delimiter).filter((folder) => folder !== "");
  return NAMES.flatMap((name) => folders.map((folder) => join(folder, name))).find(isProgram);
}

function isProgram(path) {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
