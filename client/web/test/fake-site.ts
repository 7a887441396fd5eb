// SPDX-License-Identifier: Apache-2.0
// The built page over the fake service, to look at: node build/try.mjs [port]
import { readFileSync } from "node:fs";
import { extname, join } from "node:path";
import { decodeContent } from "../src/index.ts";
import { FakeRelay, tokenOf } from "./fake-relay.ts";

const web = join(process.argv[2] ?? ".", "target", "classes", "web");
const types: Record<string, string> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
};

const relay = new FakeRelay((request, response) => {
  const path = new URL(request.url ?? "/", "http://fake").pathname;
  if (request.method === "POST" && path === "/dev/token") {
    let body = "";
    request.on("data", (data) => (body += data));
    request.on("end", () => {
      const { name } = JSON.parse(body) as { name: string };
      const answer =
        name === "nobody" ? undefined : { token: tokenOf(name), expires_ms: Date.now() + 3_600_000 };
      response
        .writeHead(answer ? 200 : 404, { "content-type": "application/json" })
        .end(JSON.stringify(answer ?? {}));
    });
    return;
  }
  try {
    const file = readFileSync(join(web, path === "/" ? "index.html" : path.replace(/[^\w.-]/g, "")));
    response.writeHead(200, { "content-type": types[extname(path)] ?? types[".html"] }).end(file);
  } catch {
    response.writeHead(404).end();
  }
});
// What the page does about a refusal.
const notAllowed = { code: 205, name: "NOT_ALLOWED", advice: 6, message: "Your role does not permit this." };
relay.refuse = ({ body }) => {
  const text = body.case === "send" ? decodeContent(body.value.body) : undefined;
  return text?.kind === "text" && text.text.includes("[refuse]") ? notAllowed : undefined;
};
console.log(`http://127.0.0.1:${await relay.start(Number(process.argv[3] ?? 0))}`);
