// SPDX-License-Identifier: Apache-2.0
// Values that were worked out once, elsewhere, and are never made anew.
import assert from "node:assert/strict";
import { test } from "node:test";
import { bytesOf, type Bytes } from "../src/ids.ts";
import { join, slice, u32 } from "../src/e2r/bytes.ts";
import { MESSAGE_LABEL } from "../src/e2r/disclosure.ts";
import { sha256 } from "../src/e2r/hash.ts";
import { sealKey } from "../src/e2r/keys.ts";
import { historyContext, HISTORY_LABEL } from "../src/e2r/making/conversation.ts";
import { decodeEnvelope, encodeEnvelope, encodeHeader, type Envelope } from "../src/e2r/records/envelope.ts";
import { MESSAGE_PADDED_MAX, pad, unpad } from "../src/e2r/records/padding.ts";
import { SECURE } from "../src/e2r/randomness.ts";
import { onceKey, open, sealWith } from "../src/e2r/seal.ts";
import { recoveryAuth } from "../src/e2r/recovery-code.ts";
import { Secret } from "../src/e2r/secret.ts";
import { keyCommitment, messageHash } from "../src/e2r/verify/hashes.ts";
import { messageBytes, verifyDisclosure } from "../src/e2r/verify/messages.ts";
import { verifySignature } from "../src/e2r/verify/signatures.ts";
import { conversation, device, filled, message, uid } from "./records-samples.ts";

const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
const EPOCH_HASH = filled(32, 0xe0);
const CONTENT = Uint8Array.of(0, 1, ...new TextEncoder().encode("hello"));
const MK = "6f338f81f8d76a5d5c06cdc177949939552a2e3a2a03881713c617f9ac08a0ba";
const SIGNATURE = fromHex(
  "463c988862b1f301d61422e630a3cd3e25ebf2792dc506ab892abd257d37a168" +
    "b58cf6213028398b5be3300773fa184cfd40e6a49792d6c986fec61e9235bf42",
);
const DSK_PUB = fromHex(
  "045b36890dacbd7c9a96bb74a1ee28b3d2d75b72e09a20ef25cf8e6fd8a9f0350" +
    "d0e14bed8d4682a34d83538bdff5b96e89a6666ec0db5745d02fa1210072df75a",
);

function fromHex(text: string): Bytes {
  return new Uint8Array(Buffer.from(text, "hex"));
}

function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}

const salted = (byte: number) => ({ ...SECURE, bytes: (length: number) => filled(length, byte) });

const header: Envelope["header"] = {
  type: "content",
  conversation,
  epoch: 7,
  uid: uid(0xaa),
  deviceId: device(0xd1),
  msgId: message(1),
  seq: 42,
  prev: filled(32, 0),
  ttlS: 0,
};
const HEADER = encodeHeader(header);

async function body(): Promise<Bytes> {
  const key = await sealKey(filled(32, 0x11));
  const padded = pad(CONTENT, MESSAGE_PADDED_MAX);
  return sealWith(salted(0x5a), key, MESSAGE_LABEL, join(EPOCH_HASH, HEADER), padded);
}

const signedBytes = async () => join(EPOCH_HASH, await sha256(HEADER, await body()));

test("the message of the literals is sealed byte by byte as it was", async () => {
  const sealed = await body();
  assert.equal(
    toHex(await sha256(HEADER)),
    "3c0abb3328250758e510c6d3847ec28008e6bfc6e87073ecc79c733e460f9681",
  );
  assert.equal(
    toHex(sealed.subarray(32, 64)),
    "7d5bc4e4d65c779e6d0d8e70d3e23b4aa2df5646734162dc81ca6ecb8add0948",
  );
  assert.equal(
    toHex(await sha256(slice(sealed, 64))),
    "1b166a7b8b72c58190f4e1c95ebf6279f47b806cfec5003c6c40d63ccd2c4215",
  );
  assert.equal(
    toHex(await sha256(HEADER, sealed)),
    "827a157067fa4da3485904e539db3b92e29d41a177d9b25559c505bf6d525680",
  );
  assert.equal(HEADER.length + sealed.length + SIGNATURE.length, 530);
  const key = await sealKey(filled(32, 0x11));
  const context = join(EPOCH_HASH, HEADER);
  assert.equal(toHex(await onceKey(key, MESSAGE_LABEL, context, filled(32, 0x5a))), MK);
  const opened = await open(key, MESSAGE_LABEL, context, sealed);
  assert.deepEqual(opened.ok && unpad(opened.value), { ok: true, value: CONTENT });
});

test("the signature of the literals holds, in both of its forms and for nothing else", async () => {
  const bytes = await signedBytes();
  assert.deepEqual(await verifySignature(DSK_PUB, "msg", bytes, SIGNATURE), { ok: true, value: true });
  const s = ORDER - BigInt(`0x${toHex(slice(SIGNATURE, 32))}`);
  const other = join(slice(SIGNATURE, 0, 32), fromHex(s.toString(16).padStart(64, "0")));
  assert.notDeepEqual(other, SIGNATURE);
  assert.deepEqual(await verifySignature(DSK_PUB, "msg", bytes, other), { ok: true, value: true });
  const no = { ok: false, fault: "BAD_SIGNATURE" };
  assert.deepEqual(await verifySignature(DSK_PUB, "grant", bytes, SIGNATURE), no);
  assert.deepEqual(await verifySignature(DSK_PUB, "msg", slice(bytes, 1), SIGNATURE), no);
  assert.deepEqual(await verifySignature(DSK_PUB, "msg", bytes, slice(SIGNATURE, 1)), no);
});

test("the commitment and the history link of the literals are what they were", async () => {
  const key = await sealKey(filled(32, 0x11));
  assert.equal(
    toHex(await keyCommitment(key, conversation, 7)),
    "712e64ee0c521381afac8a84b08a3bf2f219ad9bcc6632a3042bdc3cd82e29be",
  );
  assert.deepEqual(historyContext(conversation, 7), join(bytesOf(conversation), u32(6)));
  const link = await sealWith(
    salted(0x5c),
    key,
    HISTORY_LABEL,
    historyContext(conversation, 7),
    filled(32, 0x10),
  );
  assert.equal(
    toHex(link),
    "5c".repeat(32) +
      "0ab75500061e63045a290f07567f678659bbb1fd9266e874714de745c270339e23e49d675bce105f" +
      "5cf05e2b4009cdee131d782d230dc50121a3da6f9a05f6685b1378d487fdedbcaad50e5f5251d623",
  );
});

test("the message of the literals has 530 bytes, and its parts say the same", async () => {
  const sealed = await body();
  const envelope: Envelope = { header, body: sealed, signature: SIGNATURE };
  const bytes = encodeEnvelope(envelope);
  assert.equal(bytes.length, 530);
  assert.deepEqual(decodeEnvelope(bytes), { ok: true, value: envelope });
  assert.deepEqual(
    await messageBytes(EPOCH_HASH, envelope.header, sealed),
    join(EPOCH_HASH, await sha256(slice(bytes, 0, 530 - 64))),
  );
  assert.deepEqual(bytes, join(HEADER, sealed, SIGNATURE));
  assert.notDeepEqual(await messageHash(header, sealed), await sha256(HEADER, sealed));
  const shown = { envelope, epochHash: EPOCH_HASH, onceKey: new Secret(fromHex(MK)) };
  assert.deepEqual(await verifyDisclosure(shown, DSK_PUB), { ok: true, value: true });
});

test("what shows that somebody knows the recovery code is the same in every language", async () => {
  const auth = await recoveryAuth(new Secret(filled(20, 0x07)), uid(0xaa), filled(16, 0xb1));
  assert.equal(toHex(auth), "90745162733a49e3bd196a176726cdf1be44261afe248e08a653b75e531c4ac7");
});
