// SPDX-License-Identifier: Apache-2.0
import type { Reading } from "../fault.ts";
import type { Bytes, DeviceId, TenantId, Uid } from "../../ids.ts";
import { isZeros, RecordReader } from "./reader.ts";
import { checked, RecordWriter } from "./writer.ts";

export const DEVICES_MAX = 16;

const KINDS = ["genesis", "device-added", "device-revoked", "rotated", "reset", "reset-vetoed"] as const;

export type AccountKind = (typeof KINDS)[number];

export interface Device {
  readonly deviceId: DeviceId;
  readonly dskPub: Bytes;
  readonly dekPub: Bytes;
  readonly addedSeq: number;
  readonly addedMs: number;
}

/** The devices and keys of an account: what its root signs. */
export interface AccountStatement {
  readonly tenant: TenantId;
  readonly uid: Uid;
  readonly seq: number;
  readonly prevHash: Bytes;
  readonly kind: AccountKind;
  readonly arkPub: Bytes;
  readonly aekGen: number;
  readonly aekPub: Bytes;
  /** Ascending by id. */
  readonly devices: readonly Device[];
  readonly createdMs: number;
}

/** Who vouches for a reset, if anybody: the root before it, or a device of the record before it. */
export type Continuity =
  | { readonly by: "nobody" }
  | { readonly by: "root"; readonly signature: Bytes }
  | { readonly by: "device"; readonly deviceId: DeviceId; readonly signature: Bytes };

export interface AccountRecord {
  readonly statement: AccountStatement;
  readonly byRoot: Bytes;
  readonly continuity: Continuity;
  /** For each device, in the same order, that it has its keys. */
  readonly possessions: readonly Bytes[];
}

export function decodeAccountRecord(bytes: Uint8Array): Reading<AccountRecord> {
  const reader = new RecordReader(bytes);
  const statement = readStatement(reader);
  const byRoot = reader.signature();
  const continuity = readContinuity(reader, statement.kind);
  const possessions: Bytes[] = [];
  for (let i = 0; i < statement.devices.length && !reader.failed; i++) {
    possessions.push(reader.signature());
  }
  return reader.end({ statement, byRoot, continuity, possessions });
}

/** The exact bytes that are signed and named. */
export function encodeAccountStatement(statement: AccountStatement): Bytes {
  return checked(written(statement), (bytes) => {
    const reader = new RecordReader(bytes);
    return reader.end(readStatement(reader));
  });
}

export function encodeAccountRecord(record: AccountRecord): Bytes {
  const writer = written(record.statement).signature(record.byRoot);
  const { continuity } = record;
  switch (continuity.by) {
    case "nobody":
      writer.u8(0);
      break;
    case "root":
      writer.u8(1).signature(continuity.signature);
      break;
    case "device":
      writer.u8(2).id(continuity.deviceId, 16).signature(continuity.signature);
      break;
  }
  record.possessions.forEach((signature) => writer.signature(signature));
  return checked(writer, decodeAccountRecord);
}

function readStatement(reader: RecordReader): AccountStatement {
  reader.version();
  reader.suite();
  const statement: AccountStatement = {
    tenant: reader.id(16),
    uid: reader.id(16),
    seq: reader.u64(1),
    prevHash: reader.hash(),
    kind: reader.named(KINDS, 1),
    arkPub: reader.point(),
    aekGen: reader.u32(1),
    aekPub: reader.point(),
    devices: readDevices(reader),
    createdMs: reader.u64(),
  };
  reader.refuseIf(contradicts(statement), "CONTRADICTION");
  return statement;
}

function readDevices(reader: RecordReader): readonly Device[] {
  const devices: Device[] = [];
  const count = reader.count(false, 0, DEVICES_MAX);
  let last = "";
  for (let i = 0; i < count && !reader.failed; i++) {
    const device: Device = {
      deviceId: reader.id(16),
      dskPub: reader.point(),
      dekPub: reader.point(),
      addedSeq: reader.u64(1),
      addedMs: reader.u64(),
    };
    reader.refuseIf(device.deviceId <= last, "UNSORTED");
    last = device.deviceId;
    devices.push(device);
  }
  return devices;
}

function contradicts({ seq, prevHash, kind, aekGen, devices }: AccountStatement): boolean {
  const first = seq === 1;
  return (
    first !== (kind === "genesis") ||
    (first && (!isZeros(prevHash) || aekGen !== 1)) ||
    devices.some((device) => device.addedSeq > seq) ||
    (devices.length === 0 && (kind === "genesis" || kind === "device-added" || kind === "reset"))
  );
}

function readContinuity(reader: RecordReader, kind: AccountKind): Continuity {
  const by = reader.named(["nobody", "root", "device"], 0);
  reader.refuseIf(by !== "nobody" && kind !== "reset", "CONTRADICTION");
  switch (by) {
    case "nobody":
      return { by };
    case "root":
      return { by, signature: reader.signature() };
    case "device":
      return { by, deviceId: reader.id(16), signature: reader.signature() };
  }
}

function written(statement: AccountStatement): RecordWriter {
  const writer = new RecordWriter()
    .u8(1)
    .u16(1)
    .id(statement.tenant, 16)
    .id(statement.uid, 16)
    .u64(statement.seq)
    .hash(statement.prevHash)
    .named(KINDS, 1, statement.kind)
    .point(statement.arkPub)
    .u32(statement.aekGen)
    .point(statement.aekPub)
    .u8(statement.devices.length, "OUT_OF_RANGE");
  for (const device of statement.devices) {
    writer
      .id(device.deviceId, 16)
      .point(device.dskPub)
      .point(device.dekPub)
      .u64(device.addedSeq)
      .u64(device.addedMs);
  }
  return writer.u64(statement.createdMs);
}
