// SPDX-License-Identifier: Apache-2.0
// The first vectors of e2r/1. They stand here once more than in the published files, and never change.
import { DerivedPassword } from "../../src/e2r/backup.ts";
import { join, label, u16, u32, u64, utf8 } from "../../src/e2r/bytes.ts";
import { hkdf, pbkdf2, sha256 } from "../../src/e2r/hash.ts";
import { sealKey } from "../../src/e2r/keys.ts";
import type { Randomness } from "../../src/e2r/randomness.ts";
import { onceKey, open, sealWith } from "../../src/e2r/seal.ts";
import { Secret } from "../../src/e2r/secret.ts";
import { isSignedBy } from "../../src/e2r/verify/signatures.ts";
import { openConversationKey, wrapConversationKeyWith } from "../../src/e2r/wraps.ts";
import type { Bytes, ConversationId, Uid } from "../../src/ids.ts";
import { deriveKeyPair } from "./key-pairs.ts";
import { filled, hex, Tally, unhex } from "./tally.ts";

const CONVERSATION = "c0".repeat(32) as ConversationId;
const CONV_ID = filled(0xc0);
const EPOCH_HASH = filled(0xe0);
const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

const SIGNATURE =
  "463c988862b1f301d61422e630a3cd3e25ebf2792dc506ab892abd257d37a168" +
  "b58cf6213028398b5be3300773fa184cfd40e6a49792d6c986fec61e9235bf42";
const DSK_PUB =
  "045b36890dacbd7c9a96bb74a1ee28b3d2d75b72e09a20ef25cf8e6fd8a9f0350d" +
  "0e14bed8d4682a34d83538bdff5b96e89a6666ec0db5745d02fa1210072df75a";
const FILE_KEY =
  "68ce93fe530d569cb88f239d862e0d88c3b7c938f503acd7ff24c367a115b59e" +
  "bc291dd866467ddcc71dfa0612511455a8df1589dff43b35366a3c366f2e985f5d71bfd7d6da99164daf7032f04bc6e8";
const HISTORY =
  "0ab75500061e63045a290f07567f678659bbb1fd9266e874714de745c270339e" +
  "23e49d675bce105f5cf05e2b4009cdee131d782d230dc50121a3da6f9a05f6685b1378d487fdedbcaad50e5f5251d623";
const ENC =
  "04c4600436d1c920c2b2913f1e4be8f23a0ea6a0a49f2259cdb2d1a6cea125d014" +
  "3c809e1ec690a4fa52c6825cab4d08b2c3c19c8951b581d0afdef7176dcdeb1b";
const WRAPPED =
  "e9ba52cc8008e43a7c590f7deac76eb21d87e2710df31342be1754b31892b81f" + "edf9fed57556b3ed2c74de6d07daf21c";

export async function checkLiterals(): Promise<Tally> {
  const tally = new Tally("literals");
  const key = await sealKey(filled(0x11));
  const kc = await hkdf(key, CONV_ID, join(label("e2r/1/epoch-commit"), u32(7)), 32);
  tally.same("kc", hex(kc), "712e64ee0c521381afac8a84b08a3bf2f219ad9bcc6632a3042bdc3cd82e29be");
  await checkMessage(tally);
  const fileContext = join(CONV_ID, u32(7), filled(0xf1, 16));
  await checkSealed(tally, "filekey", 0x5b, fileContext, filled(0xfe), FILE_KEY);
  await checkSealed(tally, "hist", 0x5c, join(CONV_ID, u32(6)), filled(0x10), HISTORY);
  await checkPassword(tally);
  await checkWrap(tally);
  return tally;
}

/** A source that gives this byte, however many are asked for. */
function always(byte: number): Randomness {
  return {
    bytes: (length) => filled(byte, length),
    ephemeral: () => Promise.reject(new Error("nothing is wrapped here")),
  };
}

async function checkMessage(tally: Tally): Promise<void> {
  const ids = join(filled(0xaa, 16), filled(0xd1, 16), filled(0x01, 16));
  // Put together here, so that the writer of headers is not asked about itself.
  const bytes = join(Uint8Array.of(1, 1), CONV_ID, u32(7), ids, u64(42), filled(0), u32(0));
  const key = await sealKey(filled(0x11));
  const context = join(EPOCH_HASH, bytes);
  const content = join(u16(1), utf8("hello"));
  const padded = join(u32(content.length), content, new Uint8Array(256 - 4 - content.length));
  const body = await sealWith(always(0x5a), key, "e2r/1/msg", context, padded);
  const mk = await onceKey(key, "e2r/1/msg", context, filled(0x5a));
  const derived = await hkdf(mk, new Uint8Array(0), label("e2r/1/aead"), 76);
  const hashed = await sha256(bytes, body);
  const got = {
    header: await sha256(bytes),
    mk,
    com: body.slice(32, 64),
    key: derived.slice(32, 64),
    nonce: derived.slice(64),
    ct: await sha256(body.slice(64)),
    body: hashed,
  };
  const wanted: Record<keyof typeof got, string> = {
    header: "3c0abb3328250758e510c6d3847ec28008e6bfc6e87073ecc79c733e460f9681",
    mk: "6f338f81f8d76a5d5c06cdc177949939552a2e3a2a03881713c617f9ac08a0ba",
    com: "7d5bc4e4d65c779e6d0d8e70d3e23b4aa2df5646734162dc81ca6ecb8add0948",
    key: "12348449cfc0cc32064592d6f3c53a97798dccb5f25758b3e5c5cee6a1b1c69d",
    nonce: "2383bf6c29ed6547aa6f32d7",
    ct: "1b166a7b8b72c58190f4e1c95ebf6279f47b806cfec5003c6c40d63ccd2c4215",
    body: "827a157067fa4da3485904e539db3b92e29d41a177d9b25559c505bf6d525680",
  };
  for (const name of Object.keys(got) as (keyof typeof got)[]) {
    tally.same(`message ${name}`, hex(got[name]), wanted[name]);
  }
  tally.same("message length", bytes.length + body.length + SIGNATURE.length / 2, 530);
  const signed = join(EPOCH_HASH, hashed);
  const [point, signature] = [unhex(DSK_PUB), unhex(SIGNATURE)];
  tally.check("signature", await isSignedBy(point, "msg", signed, signature));
  tally.check("signature (r, n-s)", await isSignedBy(point, "msg", signed, otherOf(signature)));
  tally.check("signature, another name", !(await isSignedBy(point, "grant", signed, signature)));
  const opened = await open(key, "e2r/1/msg", context, body);
  tally.check("message opens", opened.ok && hex(opened.value) === hex(padded));
}

async function checkSealed(
  tally: Tally,
  name: string,
  salt: number,
  context: Bytes,
  plain: Bytes,
  wanted: string,
): Promise<void> {
  const key = await sealKey(filled(0x11));
  const sealed = await sealWith(always(salt), key, `e2r/1/${name}`, context, plain);
  tally.same(name, hex(sealed.slice(32)), wanted);
  const opened = await open(key, `e2r/1/${name}`, context, sealed);
  tally.check(`${name} opens`, opened.ok && hex(opened.value) === hex(plain));
}

async function checkPassword(tally: Tally): Promise<void> {
  const password = "correct horse battery staple";
  const salt = filled(0x01);
  const root = await pbkdf2("SHA-256", utf8(password), salt, 600_000, 32);
  tally.same("pw_root", hex(root), "2cffed8d30d4ee94615149a07299ca968b3df714524ec8e587a76c564726c3ce");
  const parameters = { kdfId: 1, iterations: 600_000, salt };
  const derived = await DerivedPassword.of(password, parameters, "aa".repeat(16) as Uid);
  const auth = derived.ok ? hex(derived.value.auth.reveal()) : derived.fault;
  tally.same("auth", auth, "efb63848d4f40b446b809be98b302b49f9a339bbcb8938148d95a532bb28bc2c");
}

async function checkWrap(tally: Tally): Promise<void> {
  const recipient = await deriveKeyPair(filled(0x52));
  const ephemeral = await deriveKeyPair(filled(0x45));
  const pkR = hex(await sha256(recipient.publicKey));
  tally.same("pkR", pkR, "a8ed5bfca538a5aae1b56606de7403c1dd4cc7d97f23dbe345a75c6e5ab288f9");
  const uid = "bb".repeat(16) as Uid;
  const what = { conversation: CONVERSATION, epoch: 7, uid, aekGen: 3, hash: EPOCH_HASH };
  const randomness = { ...always(0), ephemeral: () => Promise.resolve(ephemeral) };
  const wrapped = await wrapConversationKeyWith(
    randomness,
    new Secret(filled(0x11)),
    recipient.publicKey,
    what,
  );
  tally.same("enc", hex(wrapped.slice(0, 65)), ENC);
  tally.same("wrap", hex(wrapped.slice(65)), WRAPPED);
  tally.check("wrap opens", (await openConversationKey(recipient, what, wrapped)).ok);
}

/** ECDSA takes (r, n-s) as well, which is why a signature is never a name. */
function otherOf(signature: Bytes): Bytes {
  const s = (ORDER - BigInt(`0x${hex(signature.slice(32))}`)).toString(16).padStart(64, "0");
  return join(signature.slice(0, 32), unhex(s));
}
