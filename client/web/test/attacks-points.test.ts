// SPDX-License-Identifier: Apache-2.0
// Public keys that are none, on every path that takes one.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Bytes } from "../src/ids.ts";
import { join, slice } from "../src/e2r/bytes.ts";
import type { Fault } from "../src/e2r/fault.ts";
import { wrap } from "../src/e2r/hpke.ts";
import { agree, importAgreementKeys, importSigningKeys } from "../src/e2r/keys.ts";
import { offerDevice, verifyLogin, verifyOffer } from "../src/e2r/making/devices.ts";
import { openEpoch } from "../src/e2r/making/opening.ts";
import { FIRST_PLACE, messageMaker } from "../src/e2r/making/messages.ts";
import { isOnCurve } from "../src/e2r/point.ts";
import { decodeAccountRecord, encodeAccountRecord } from "../src/e2r/records/account.ts";
import { Secret } from "../src/e2r/secret.ts";
import { newest, verifyAccountRecord } from "../src/e2r/verify/account-chain.ts";
import { verifyDisclosure } from "../src/e2r/verify/messages.ts";
import { verifySignature } from "../src/e2r/verify/signatures.ts";
import {
  assertFault,
  conversationOf,
  fault,
  flipped,
  NOW,
  person,
  recipient,
  sender,
  TENANT,
  text,
  value,
} from "./attacks-people.ts";

const P = 0xffffffff00000001000000000000000000000000ffffffffffffffffffffffffn;
const B = 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn;

function coordinate(number: bigint): Bytes {
  return new Uint8Array(Buffer.from(number.toString(16).padStart(64, "0"), "hex"));
}

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  for (let square = base, rest = exponent; rest > 0n; rest >>= 1n) {
    result = rest & 1n ? (result * square) % P : result;
    square = (square * square) % P;
  }
  return result;
}

/** A point whose x is so small that x + p fits into 32 bytes as well; with p added to it, it is none. */
function smallPoint(added: bigint): Bytes {
  for (let x = 1n; ; x++) {
    const square = (x ** 3n - 3n * x + B + 3n * P) % P;
    const y = power(square, (P + 1n) / 4n);
    if ((y * y) % P === square) {
      return join(Uint8Array.of(4), coordinate(x + added), coordinate(y));
    }
  }
}

/** Points that are none, made of a good one. */
function badPoints(good: Bytes): readonly (readonly [name: string, point: Bytes, fault: Fault])[] {
  const [x, y] = [slice(good, 1, 33), slice(good, 33)];
  const sign = (y[31] as number) & 1;
  const whole = (first: number) => join(Uint8Array.of(first), x, y);
  return [
    ["compressed", join(Uint8Array.of(2 + sign), x), "MALFORMED_POINT"],
    ["compressed and filled up", join(Uint8Array.of(2 + sign), x, new Uint8Array(32)), "MALFORMED_POINT"],
    ["hybrid", whole(6 + sign), "MALFORMED_POINT"],
    ["infinity", Uint8Array.of(0), "MALFORMED_POINT"],
    ["infinity, filled up", new Uint8Array(65), "MALFORMED_POINT"],
    ["without its first byte", slice(good, 1), "MALFORMED_POINT"],
    ["with a byte more", join(good, Uint8Array.of(0)), "MALFORMED_POINT"],
    ["empty", new Uint8Array(0), "MALFORMED_POINT"],
    ["zero", join(Uint8Array.of(4), new Uint8Array(64)), "INVALID_POINT"],
    ["off the curve", flipped(good, 64), "INVALID_POINT"],
    ["x and y exchanged", join(Uint8Array.of(4), y, x), "INVALID_POINT"],
    ["of another curve", join(Uint8Array.of(4), coordinate(1n), coordinate(1n)), "INVALID_POINT"],
    ["x not reduced", smallPoint(P), "INVALID_POINT"],
    ["all ones", join(Uint8Array.of(4), new Uint8Array(64).fill(0xff)), "INVALID_POINT"],
  ];
}

test("WebCrypto alone would take a compressed point", async () => {
  const { device } = await person();
  const [[, compressed]] = badPoints(device.signing.publicKey) as [ReturnType<typeof badPoints>[number]];
  const algorithm = { name: "ECDSA", namedCurve: "P-256" };
  await crypto.subtle.importKey("raw", compressed, algorithm, true, ["verify"]);
  assert.equal(await isOnCurve(compressed), false);
});

test("a public key that is none is refused on every path", async () => {
  const [alice, bob] = await Promise.all([person(), person()]);
  const dsk = alice.device.signing;
  const bytes = text("something");
  const signature = await dsk.sign("msg", bytes);
  const account = { tenant: TENANT, uid: alice.uid, arkPub: alice.ark.keys.publicKey };
  const offer = await offerDevice(alice.device, account);
  const login = {
    tenant: TENANT,
    uid: alice.uid,
    deviceId: alice.device.device,
    nonce: new Uint8Array(32),
    audience: "a",
    ms: NOW,
  };
  const made = await conversationOf([alice, bob]);
  const { envelope } = await messageMaker.content(
    sender(alice, made.link),
    made.key,
    FIRST_PLACE,
    text("hi"),
  );
  const shown = { envelope, epochHash: made.link.hash, onceKey: new Secret(new Uint8Array(32)) };
  const nothing = new Uint8Array(0);
  const [aek, ark] = [alice.aek, alice.ark];
  const paths: Record<string, (point: Bytes) => Promise<Fault | undefined>> = {
    signature: async (point) => fault(await verifySignature(point, "msg", bytes, signature)),
    offer: async (point) => fault(await verifyOffer({ ...offer, dskPub: point }, account)),
    login: async (point) => fault(await verifyLogin(point, login, signature)),
    disclosure: async (point) => fault(await verifyDisclosure(shown, point)),
    agreement: async (point) => fault(await agree(bob.device.agreement, point)),
    wrapping: (point) =>
      wrap(point, nothing, nothing, bytes).then(
        () => undefined,
        (error: unknown) => (error as RangeError).message.split(" ").at(-1) as Fault,
      ),
  };
  let refused = 0;
  for (const [name, point, expected] of badPoints(dsk.publicKey)) {
    assert.equal(await isOnCurve(point), false, name);
    for (const [path, take] of Object.entries(paths)) {
      assert.equal(await take(point), expected, `${path}: ${name}`);
      refused++;
    }
    // These compare with a key that is known; a wrong one is just another.
    assertFault(await importSigningKeys(ark.secret, point), "KEY_MISMATCH", name);
    assertFault(await importAgreementKeys(aek.secret, point), "KEY_MISMATCH", name);
    refused += 2;
  }
  assert.equal(await isOnCurve(smallPoint(0n)), true);
  assert.equal(await paths["signature"]?.(dsk.publicKey), undefined);
  assert.equal(await paths["offer"]?.(offer.dskPub), undefined);
  assert.equal(await paths["agreement"]?.(alice.device.agreement.publicKey), undefined);
  assert.equal(await paths["wrapping"]?.(alice.device.agreement.publicKey), undefined);
  value(await importSigningKeys(ark.secret, ark.keys.publicKey));
  value(await importAgreementKeys(aek.secret, aek.keys.publicKey));
  console.log(`shown: ts-bad-points points=${badPoints(dsk.publicKey).length} refused=${refused} accepted=0`);
});

test("a record with a public key that is none is refused, whichever of its keys it is", async () => {
  const alice = await person();
  const record = newest(alice.account).record;
  value(await verifyAccountRecord(record));
  const bytes = encodeAccountRecord(record);
  // The root, the user's key, and the two of the device.
  for (const at of [76, 145, 227, 292]) {
    const good = bytes.slice(at, at + 65);
    for (const [name, point, expected] of badPoints(good)) {
      if (point.length === 65) {
        const changed = bytes.slice();
        changed.set(point, at);
        const reading = decodeAccountRecord(changed);
        assertFault(reading.ok ? await verifyAccountRecord(reading.value) : reading, expected, name);
      }
    }
  }
});

test("a wrap whose ephemeral key is none does not open, and that is all it says", async () => {
  const [alice, bob] = await Promise.all([person(), person()]);
  const made = await conversationOf([alice, bob]);
  const good = made.wraps.get(bob.uid) as Bytes;
  value(await openEpoch(made.link, recipient(bob), good));
  for (const [name, point] of badPoints(slice(good, 0, 65))) {
    const bad = join(point, slice(good, 65));
    assert.deepEqual(
      await openEpoch(made.link, recipient(bob), bad),
      { ok: false, fault: "CANNOT_OPEN" },
      name,
    );
  }
});
