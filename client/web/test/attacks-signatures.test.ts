// SPDX-License-Identifier: Apache-2.0
// What a service or a thief could do with signatures. Each time the same steps without the attack succeed.
import assert from "node:assert/strict";
import { test } from "node:test";
import { type DeviceId, idOf, randomBytes, type Uid } from "../src/ids.ts";
import { slice } from "../src/e2r/bytes.ts";
import type { Fault } from "../src/e2r/fault.ts";
import { loginBytes, signLogin, verifyLogin } from "../src/e2r/making/devices.ts";
import { encodeAccountStatement } from "../src/e2r/records/account.ts";
import { signedBytes } from "../src/e2r/signature.ts";
import { extendAccountChain, newest } from "../src/e2r/verify/account-chain.ts";
import { verifySignature } from "../src/e2r/verify/signatures.ts";
import { assertFault, fault, NOW, person, TENANT, value } from "./attacks-people.ts";

test("a login is no signature for anything else, and nothing else is a login", async () => {
  const alice = await person();
  const { statement } = newest(alice.account).record;
  const dsk = alice.device.signing;
  const login = {
    tenant: TENANT,
    uid: alice.uid,
    nonce: randomBytes(32),
    audience: "wss://chat.example.org",
    ms: NOW,
  };
  const whole = { ...login, deviceId: alice.device.device };
  const signature = await signLogin(alice.device, login);
  value(await verifyLogin(dsk.publicKey, whole, signature));
  assertFault(
    await verifyLogin(dsk.publicKey, { ...whole, nonce: randomBytes(32) }, signature),
    "BAD_SIGNATURE",
  );
  assertFault(
    await verifyLogin(dsk.publicKey, { ...whole, audience: "wss://evil" }, signature),
    "BAD_SIGNATURE",
  );
  assertFault(await verifyLogin(dsk.publicKey, { ...whole, ms: NOW + 1 }, signature), "BAD_SIGNATURE");

  // A service that chooses ids and nonce as it likes, so that the bytes are those of a record: the name still differs.
  const tbs = encodeAccountStatement(statement);
  const chosen = {
    tenant: idOf<typeof TENANT>(slice(tbs, 0, 16)),
    uid: idOf<Uid>(slice(tbs, 16, 32)),
    deviceId: idOf<DeviceId>(slice(tbs, 32, 48)),
    nonce: slice(tbs, 48, 80),
    audience: "",
    ms: 0,
  };
  assert.deepEqual(slice(loginBytes(chosen), 0, 80), slice(tbs, 0, 80));
  const auth = signedBytes("auth", new Uint8Array(0));
  for (const name of ["account", "account-cont", "dev-pop", "genesis", "epoch", "grant", "msg", "self"]) {
    // Neither begins like the other, so whatever follows, the bytes are never equal.
    const other = signedBytes(name, new Uint8Array(0));
    assert.ok(
      auth.some((byte, i) => i < other.length && byte !== other[i]),
      name,
    );
    const asRecord = await verifySignature(dsk.publicKey, name, loginBytes(whole), signature);
    assertFault(asRecord, "BAD_SIGNATURE", name);
    const recordSignature = await dsk.sign(name, loginBytes(whole));
    assertFault(await verifyLogin(dsk.publicKey, whole, recordSignature), "BAD_SIGNATURE", name);
  }
});

test("a record's bytes signed under another name are no record", async () => {
  const alice = await person();
  const { statement, possessions } = newest(alice.account).record;
  const tbs = encodeAccountStatement(statement);
  const check = async (name: string): Promise<Fault | undefined> => {
    const byRoot = await alice.ark.keys.sign(name, tbs);
    return fault(
      await extendAccountChain(undefined, { statement, byRoot, continuity: { by: "nobody" }, possessions }),
    );
  };
  assert.equal(await check("account"), undefined);
  for (const name of ["account-cont", "dev-pop", "genesis", "epoch", "grant", "msg", "self", "auth", ""]) {
    assert.equal(await check(name), "BAD_SIGNATURE", name);
  }
});
