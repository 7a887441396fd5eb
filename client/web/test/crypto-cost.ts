// SPDX-License-Identifier: Apache-2.0
// What the operations cost, as a ratio to the sum of exactly the WebCrypto calls that each makes: same sizes, same run,
// one after the other in turn, medians. What is above 1 is ours. Run it with `npm run bench`.
import { DerivedPassword, newPasswordParameters } from "../src/e2r/backup.ts";
import { openFile, sealFile } from "../src/e2r/files.ts";
import { unwrap, wrap } from "../src/e2r/hpke.ts";
import { generateUserKeys, sealKey, SigningKeys } from "../src/e2r/keys.ts";
import { open, seal } from "../src/e2r/seal.ts";
import { Secret } from "../src/e2r/secret.ts";
import { verifySignature } from "../src/e2r/verify/signatures.ts";
import { openConversationKey, wrapConversationKey } from "../src/e2r/wraps.ts";
import type { Bytes, ConversationId, Uid } from "../src/ids.ts";
import { bytesOf, randomData } from "./checks/files.ts";
import { filled } from "./checks/tally.ts";

const { subtle } = crypto;
const MIB = 1_048_576;
const FILE_BYTES = 25 * MIB;
const MEMBERS = 1000;
const CURVE = { name: "ECDH", namedCurve: "P-256" };
const ECDSA = { name: "ECDSA", hash: "SHA-256" };
const CONVERSATION = "c0".repeat(32) as ConversationId;
const UID = "bb".repeat(16) as Uid;
const CONTEXT = filled(3, 32 + 130);

type Act = () => Promise<unknown>;

/** How often, and what; ours first, then nothing but the primitives. */
interface Bench {
  readonly name: string;
  readonly samples: number;
  readonly ours: Act;
  readonly primitives: Act;
  /** How much passes through in one go, where that is worth a rate. */
  readonly bytes?: number;
}

function median(times: number[]): number {
  times.sort((a, b) => a - b);
  return times[Math.floor(times.length / 2)] as number;
}

async function time(act: Act): Promise<number> {
  const began = performance.now();
  await act();
  return performance.now() - began;
}

async function run({ name, samples, ours, primitives, bytes }: Bench): Promise<void> {
  const [own, bare]: [number[], number[]] = [[], []];
  for (let i = 0; i < Math.ceil(samples / 10); i++) {
    await ours();
    await primitives();
  }
  for (let i = 0; i < samples; i++) {
    // In turns about who is first, too: the second finds warmer caches.
    if (i % 2 === 0) {
      own.push(await time(ours));
      bare.push(await time(primitives));
    } else {
      bare.push(await time(primitives));
      own.push(await time(ours));
    }
  }
  const [a, b] = [median(own), median(bare)];
  const rate = bytes === undefined ? "" : ` mib_per_s=${(bytes / MIB / (a / 1000)).toFixed(0)}`;
  const times = `ours_ms=${a.toFixed(3)} primitives_ms=${b.toFixed(3)}`;
  console.log(`shown: bench ${name} ratio=${(a / b).toFixed(2)} ${times} samples=${samples}${rate}`);
}

/** The calls that sealing and opening share, with inputs of the same sizes. */
async function sealing(length: number) {
  const key = await sealKey(filled(0x11));
  const plain = filled(7, length);
  const nonce = filled(4, 12);
  const aad = filled(5, CONTEXT.length + 64);
  const algorithm = { name: "AES-GCM", iv: nonce, additionalData: aad, tagLength: 128 };
  const aes = await subtle.importKey("raw", filled(6), "AES-GCM", false, ["encrypt"]);
  const ct = new Uint8Array(await subtle.encrypt(algorithm, aes, plain));
  const info = filled(8, 10 + CONTEXT.length);
  const [salt, aeadInfo, none] = [filled(9), filled(8, 11), filled(0, 0)];
  const primitives = async (usage: "encrypt" | "decrypt") => {
    await hkdf(key, salt, info, 256);
    await hkdf(await importHkdf(filled(6)), none, aeadInfo, 608);
    const imported = await subtle.importKey("raw", filled(6), "AES-GCM", false, [usage]);
    await (usage === "encrypt"
      ? subtle.encrypt(algorithm, imported, plain)
      : subtle.decrypt(algorithm, imported, ct));
  };
  return { key, plain, primitives };
}

function hkdf(key: CryptoKey, salt: Bytes, info: Bytes, bits: number): Promise<ArrayBuffer> {
  return subtle.deriveBits({ name: "HKDF", hash: "SHA-256", salt, info }, key, bits);
}

function importHkdf(ikm: Bytes): Promise<CryptoKey> {
  return subtle.importKey("raw", ikm, "HKDF", false, ["deriveBits"]);
}

async function sealBenches(): Promise<Bench[]> {
  const benches: Bench[] = [];
  for (const length of [256, 4096, 65_536]) {
    const { key, plain, primitives } = await sealing(length);
    const sealed = await seal(key, "e2r/1/msg", CONTEXT, plain);
    benches.push(
      {
        name: `seal-${length}`,
        samples: 1000,
        ours: () => seal(key, "e2r/1/msg", CONTEXT, plain),
        primitives: () => {
          crypto.getRandomValues(new Uint8Array(32));
          return primitives("encrypt");
        },
      },
      {
        name: `open-${length}`,
        samples: 1000,
        ours: () => open(key, "e2r/1/msg", CONTEXT, sealed),
        primitives: () => primitives("decrypt"),
      },
    );
  }
  return benches;
}

/** The calls of HPKE, with inputs of the same sizes. */
async function wrapping() {
  const pair = (await subtle.generateKey(CURVE, false, ["deriveBits"])) as CryptoKeyPair;
  const point = new Uint8Array(await subtle.exportKey("raw", pair.publicKey));
  const hmacKey = await subtle.importKey("raw", filled(0), { name: "HMAC", hash: "SHA-256" }, false, [
    "sign",
  ]);
  const constant = await importHkdf(filled(1, 23));
  const algorithm = { name: "AES-GCM", iv: filled(4, 12), additionalData: filled(5), tagLength: 128 };
  const aes = await subtle.importKey("raw", filled(6), "AES-GCM", false, ["encrypt"]);
  const ct = new Uint8Array(await subtle.encrypt(algorithm, aes, filled(7)));
  const schedule = async (privateKey: CryptoKey, usage: "encrypt" | "decrypt") => {
    const other = await subtle.importKey("raw", point, CURVE, true, []);
    await subtle.deriveBits({ name: "ECDH", public: other }, privateKey, 256);
    await subtle.sign("HMAC", hmacKey, filled(2, 164));
    await hkdf(await importHkdf(filled(3, 51)), filled(0, 0), filled(4, 157), 256);
    await hkdf(constant, filled(5), filled(6, 87), 256);
    await hkdf(constant, filled(5), filled(6, 94), 96);
    const imported = await subtle.importKey("raw", filled(6), "AES-GCM", false, [usage]);
    await (usage === "encrypt"
      ? subtle.encrypt(algorithm, imported, filled(7))
      : subtle.decrypt(algorithm, imported, ct));
  };
  return {
    wrap: async () => {
      const made = (await subtle.generateKey(CURVE, false, ["deriveBits"])) as CryptoKeyPair;
      await subtle.exportKey("raw", made.publicKey);
      await schedule(made.privateKey, "encrypt");
    },
    unwrap: () => schedule(pair.privateKey, "decrypt"),
  };
}

async function wrapBenches(): Promise<Bench[]> {
  const { keys } = await generateUserKeys();
  const [info, aad, plain] = [filled(1, 131), filled(2), filled(3)];
  const bare = await wrapping();
  const wrapped = await wrap(keys.publicKey, info, aad, plain);
  const what = { conversation: CONVERSATION, epoch: 7, uid: UID, aekGen: 3, hash: filled(0xe0) };
  const secret = new Secret(filled(0x11));
  const typed = await wrapConversationKey(secret, keys.publicKey, what);
  const digest = () => subtle.digest("SHA-256", keys.publicKey);
  return [
    {
      name: "wrap",
      samples: 500,
      ours: () => wrap(keys.publicKey, info, aad, plain),
      primitives: bare.wrap,
    },
    {
      name: "unwrap",
      samples: 500,
      ours: () => unwrap(keys, info, aad, wrapped),
      primitives: bare.unwrap,
    },
    {
      name: "open-conversation-key",
      samples: 500,
      ours: () => openConversationKey(keys, what, typed),
      primitives: async () => {
        await digest();
        await bare.unwrap();
        await importHkdf(filled(9));
      },
    },
    {
      name: `epoch-wraps-${MEMBERS}`,
      samples: 5,
      ours: () => times(MEMBERS, () => wrapConversationKey(secret, keys.publicKey, what)),
      primitives: () =>
        times(MEMBERS, async () => {
          await digest();
          await bare.wrap();
        }),
    },
  ];
}

async function times(count: number, act: Act): Promise<void> {
  for (let i = 0; i < count; i++) {
    await act();
  }
}

async function signBenches(): Promise<Bench[]> {
  const keys = await SigningKeys.generate();
  const [bytes, signed] = [filled(1, 64), filled(1, 64 + 14)];
  const signature = await keys.sign("msg", bytes);
  const bare = new Uint8Array(await subtle.sign(ECDSA, keys.privateKey, signed));
  const importKey = () =>
    subtle.importKey("raw", keys.publicKey, { name: "ECDSA", namedCurve: "P-256" }, true, ["verify"]);
  return [
    {
      name: "sign",
      samples: 1000,
      ours: () => keys.sign("msg", bytes),
      primitives: () => subtle.sign(ECDSA, keys.privateKey, signed),
    },
    {
      name: "verify",
      samples: 1000,
      ours: () => verifySignature(keys.publicKey, "msg", bytes, signature),
      primitives: async () => subtle.verify(ECDSA, await importKey(), bare, signed),
    },
  ];
}

async function fileBenches(): Promise<Bench[]> {
  const key = await sealKey(filled(0x11));
  const place = { conversation: CONVERSATION, epoch: 7 };
  const blob = new Blob([randomData(FILE_BYTES)]);
  const file = await sealFile(key, place, { data: blob, name: "", mime: "" });
  const sealed = await bytesOf(file.stream);
  const descriptor = await file.descriptor;
  const algorithm = { name: "AES-GCM", iv: filled(4, 12), tagLength: 128 };
  const aes = await subtle.importKey("raw", filled(6), "AES-GCM", false, ["encrypt", "decrypt"]);
  const segment = randomData(MIB - 16);
  const ct = new Uint8Array(await subtle.encrypt(algorithm, aes, segment));
  const segments = Math.ceil(sealed.length / MIB);
  const sealedBlob = new Blob([sealed]);
  const drain = async (stream: ReadableStream<Bytes>) => {
    const reader = stream.getReader();
    while (!(await reader.read()).done);
  };
  return [
    {
      name: "file-seal",
      samples: 9,
      bytes: FILE_BYTES,
      ours: async () => drain((await sealFile(key, place, { data: blob, name: "", mime: "" })).stream),
      primitives: () =>
        times(segments, async () => {
          await subtle.encrypt(algorithm, aes, segment);
          await subtle.digest("SHA-256", ct);
        }),
    },
    {
      name: "file-open",
      samples: 9,
      bytes: FILE_BYTES,
      ours: () => drain(openFile(key, place, descriptor, sealedBlob)),
      primitives: () =>
        times(segments, async () => {
          await subtle.decrypt(algorithm, aes, ct);
          await subtle.digest("SHA-256", ct);
        }),
    },
  ];
}

function passwordBench(): Bench {
  const parameters = newPasswordParameters();
  const password = filled(97, 28);
  return {
    name: `password-${parameters.iterations}`,
    samples: 9,
    ours: () => DerivedPassword.of("a".repeat(28), parameters, UID),
    primitives: async () => {
      const key = await subtle.importKey("raw", password, "PBKDF2", false, ["deriveBits"]);
      const { salt, iterations } = parameters;
      await subtle.deriveBits({ name: "PBKDF2", hash: "SHA-256", salt, iterations }, key, 256);
      await hkdf(await importHkdf(filled(1)), filled(2, 16), filled(3, 18), 256);
    },
  };
}

for (const bench of [
  ...(await sealBenches()),
  ...(await wrapBenches()),
  ...(await signBenches()),
  ...(await fileBenches()),
  passwordBench(),
]) {
  await run(bench);
}
