// SPDX-License-Identifier: Apache-2.0
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The folder of this module, wherever the command was given. */
export const HOME = dirname(dirname(fileURLToPath(import.meta.url)));

/** Runs a program to its end; what it prints is shown, and anything but exit code 0 is an error. */
export function run(program, args, { cwd = HOME, quiet = false, env = {} } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "pipe"],
      // npm is a script of the command interpreter there.
      shell: process.platform === "win32",
    });
    let output = "";
    child.stdout.on("data", (data) => (output += data));
    child.stderr.on("data", (data) => (output += data));
    child.on("error", reject);
    child.on("close", (code) => {
      if (code !== 0 || !quiet) {
        process.stdout.write(output);
      }
      if (code === 0) {
        resolve(output);
      } else {
        reject(new Error(`${program} ${args.join(" ")} ended with ${code}`));
      }
    });
  });
}

/** Runs a program that a package brought along. */
export function runTool(tool, args, options) {
  return run(join(HOME, "node_modules", ".bin", tool), args, options);
}

/** Installs exactly what the lock names, unless that was done already. */
export async function install(folder = HOME, extra = []) {
  const stamp = join(folder, "node_modules", ".installed");
  const wanted = createHash("sha256")
    .update(readFileSync(join(folder, "package.json")))
    .update(readFileSync(join(folder, "package-lock.json")))
    .update(`${process.platform} ${process.arch} ${extra.join(" ")}`)
    .digest("hex");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) {
    return;
  }
  const modules = join(folder, "node_modules");
  rmSync(modules, { recursive: true, force: true });
  await run("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error", ...extra], {
    cwd: folder,
    quiet: true,
    env: { CI: "true" },
  });
  if (!existsSync(join(modules, ".package-lock.json"))) {
    throw new Error(`npm installed nothing in ${folder}`);
  }
  writeFileSync(stamp, wanted);
}
