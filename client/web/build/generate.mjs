// SPDX-License-Identifier: Apache-2.0
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { HOME, runTool } from "./run.mjs";

const PROTOS = join(HOME, "..", "..", "protocol", "src", "main", "proto", "e2relay", "v1");
const GENERATED = join(HOME, "src", "generated");

/** Makes the TypeScript types of the client's frames from the .proto files, when one of them changed. */
export async function generate() {
  const hash = createHash("sha256");
  for (const name of readdirSync(PROTOS).sort()) {
    hash.update(name).update(readFileSync(join(PROTOS, name)));
  }
  hash.update(readFileSync(join(HOME, "build", "buf.gen.yaml")));
  hash.update(readFileSync(join(HOME, "package-lock.json")));
  const wanted = hash.digest("hex");
  const stamp = join(GENERATED, ".stamp");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) {
    return;
  }
  rmSync(GENERATED, { recursive: true, force: true });
  await runTool("buf", ["generate", "--template", "build/buf.gen.yaml"], {
    env: { PATH: join(HOME, "node_modules", ".bin") + delimiter + process.env.PATH },
  });
  writeFileSync(stamp, wanted);
}
