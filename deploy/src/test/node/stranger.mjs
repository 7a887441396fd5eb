// A whole client over e2r.v1.json: node stranger.mjs URL TOKEN create|LINK "text to say" "text to wait for"
import { randomBytes } from "node:crypto";
import WebSocket from "ws";

const [url, token, where, say, waitFor] = process.argv.slice(2);
const socket = new WebSocket(url, "e2r.v1.json");
const waiting = new Map();
let lastId = 0;

const bytes = (n) => randomBytes(n).toString("base64");
const ask = (body) =>
  new Promise((resolve, reject) => {
    const id = String(++lastId);
    waiting.set(id, { body, resolve, reject });
    socket.send(JSON.stringify({ id, ...body }));
  });

async function chat() {
  await ask({ hello: { token, deviceId: bytes(16), client: "stranger" } });
  let conversationId;
  if (where === "create") {
    const request = { requestId: bytes(16), level: "TRUST_LEVEL_OPEN", joinByLink: true };
    const { conversation } = await ask({ createConversation: request });
    conversationId = conversation.conversationId;
    console.log(`link ${conversationId} ${conversation.linkSecret}`);
  } else {
    const [id, linkSecret] = where.split(" ");
    await ask({ joinConversation: { conversationId: id, linkSecret } });
    conversationId = id;
  }
  await ask({ subscribe: { cursors: [{ conversationId, afterSeq: "0" }] } });
  const body = Buffer.from(JSON.stringify({ kind: "text", text: say })).toString("base64");
  const { sent } = await ask({ send: { conversationId, msgId: bytes(16), body } });
  console.log(`sent ${sent.seq}`);
}

function event({ message }) {
  if (!message) return;
  const { text } = JSON.parse(Buffer.from(message.body, "base64"));
  console.log(`heard ${message.seq} ${text}`);
  if (text === waitFor) socket.close();
}

socket.on("message", (data) => {
  const frame = JSON.parse(data);
  if (frame.challenge) chat().catch((e) => (console.error(e), process.exit(1)));
  const asked = waiting.get(frame.replyTo);
  if (!asked) return event(frame);
  waiting.delete(frame.replyTo);
  if (!frame.error) return asked.resolve(frame);
  const { name, advice, message, retryAfterMs = 200 } = frame.error;
  if (advice !== "ADVICE_RETRY") return asked.reject(new Error(`${name}: ${message}`));
  setTimeout(() => ask(asked.body).then(asked.resolve, asked.reject), retryAfterMs);
});
socket.on("error", (e) => (console.error(e.message), process.exit(1)));
