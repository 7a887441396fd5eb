// SPDX-License-Identifier: Apache-2.0
// Builds the page into target/classes/web. Names carry a hash of the content, so they may be cached for ever.
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { generate } from "./generate.mjs";
import { HOME, install } from "./run.mjs";

const out = join(HOME, "target", "classes", "web");

await install();
await generate();

const { build } = await import("esbuild");
const result = await build({
  absWorkingDir: HOME,
  entryPoints: ["app/app.ts", "app/app.css"],
  outdir: out,
  bundle: true,
  format: "esm",
  target: ["es2022", "chrome109", "firefox115", "safari16.4"],
  minify: true,
  legalComments: "none",
  entryNames: "[name]-[hash]",
  metafile: true,
  write: false,
  logLevel: "warning",
});

rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });
const names = new Map();
for (const file of result.outputFiles) {
  const name = file.path.slice(out.length + 1);
  names.set(name.replace(/-[A-Z0-9]+\./, "."), name);
  writeFileSync(file.path, file.contents);
}
const icon = readFileSync(join(HOME, "app", "icon.svg"));
const iconName = `icon-${createHash("sha256").update(icon).digest("hex").slice(0, 8).toUpperCase()}.svg`;
writeFileSync(join(out, iconName), icon);
names.set("icon.svg", iconName);

const page = readFileSync(join(HOME, "app", "index.html"), "utf8").replace(/"\{\{(.+?)\}\}"/g, (_, name) => {
  const hashed = names.get(name);
  if (hashed === undefined) {
    throw new Error(`index.html names ${name}, which was not built`);
  }
  return `"${hashed}"`;
});
writeFileSync(join(out, "index.html"), page);
