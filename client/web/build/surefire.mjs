// SPDX-License-Identifier: Apache-2.0
// Writes the results of `node --test` the way Maven's test runner writes its own, so that both can be summed.

const escape = (text) =>
  String(text)
    // What XML 1.0 cannot hold at all.
    .replace(/[^\t\n\r\x20-\uD7FF\uE000-\uFFFD]/g, "?")
    .replace(/&/g, "&amp;")
    .replace(/</g, "&lt;")
    .replace(/>/g, "&gt;")
    .replace(/"/g, "&quot;");

function failure(error) {
  const cause = error?.cause ?? error;
  return `<failure message="${escape(cause?.message ?? cause)}">${escape(cause?.stack ?? cause)}</failure>`;
}

export default async function* surefire(events) {
  const cases = [];
  let failed = 0;
  let skipped = 0;
  let milliseconds = 0;
  for await (const { type, data } of events) {
    if ((type !== "test:pass" && type !== "test:fail") || data.details?.type === "suite") {
      continue;
    }
    const file = data.file
      ?.split(/[\\/]/)
      .at(-1)
      ?.replace(/\.test\.\w+$/, "");
    const took = data.details?.duration_ms ?? 0;
    milliseconds += took;
    let inside = "";
    if (data.skip !== undefined || data.todo !== undefined) {
      skipped++;
      inside = "<skipped/>";
    } else if (type === "test:fail") {
      failed++;
      inside = failure(data.details?.error);
    }
    cases.push(
      `  <testcase name="${escape(data.name)}" classname="web.${escape(file ?? "test")}"` +
        ` time="${(took / 1000).toFixed(3)}">${inside}</testcase>`,
    );
  }
  yield `<?xml version="1.0" encoding="UTF-8"?>\n`;
  yield (
    `<testsuite name="web" tests="${cases.length}" failures="${failed}" errors="0" skipped="${skipped}"` +
    ` time="${(milliseconds / 1000).toFixed(3)}">\n${cases.join("\n")}\n</testsuite>\n`
  );
}
