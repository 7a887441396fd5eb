// SPDX-License-Identifier: Apache-2.0
import type { Reading } from "../fault.ts";
import type { Bytes } from "../../ids.ts";
import { RecordReader } from "./reader.ts";
import { checked, RecordWriter } from "./writer.ts";

export const ITERATIONS_MIN = 600_000;
export const ITERATIONS_MAX = 10_000_000;
export const SEALED_KEY_LENGTH = 112;

/** PBKDF2-HMAC-SHA256. */
const KDF_ID = 1;
const BUNDLE_FIXED = 239;
const BUNDLE_GENERATION = 100;
const GENERATIONS_MAX = 1000;

/** A backup as it is stored. By what the password is derived is known, and strong enough, in each that was read. */
export interface BackupBlob {
  readonly iterations: number;
  readonly salt: Bytes;
  readonly backupId: Bytes;
  readonly bundleSeq: number;
  /** The bundle's key, sealed under what comes of the password. */
  readonly byPassword: Bytes;
  /** The bundle's key, sealed under what comes of the recovery code. */
  readonly byRecoveryCode: Bytes;
  readonly bundle: Bytes;
}

export function decodeBackupBlob(bytes: Uint8Array): Reading<BackupBlob> {
  const reader = new RecordReader(bytes);
  reader.version();
  const kdf = reader.u8();
  reader.refuseIf(kdf !== KDF_ID, "WEAK_KDF");
  const blob: BackupBlob = {
    iterations: readIterations(reader),
    salt: reader.fixed(32),
    backupId: reader.fixed(16),
    bundleSeq: reader.u64(1),
    byPassword: reader.fixed(SEALED_KEY_LENGTH),
    byRecoveryCode: reader.fixed(SEALED_KEY_LENGTH),
    bundle: reader.rest(0),
  };
  const generations = (blob.bundle.length - BUNDLE_FIXED) / BUNDLE_GENERATION;
  const fits = Number.isInteger(generations) && generations >= 1 && generations <= GENERATIONS_MAX;
  reader.refuseIf(!fits, "WRONG_LENGTH");
  return reader.end(blob);
}

export function encodeBackupBlob(blob: BackupBlob): Bytes {
  const writer = new RecordWriter()
    .u8(1)
    .u8(KDF_ID)
    .u32(blob.iterations)
    .fixed(blob.salt, 32)
    .fixed(blob.backupId, 16)
    .u64(blob.bundleSeq)
    .fixed(blob.byPassword, SEALED_KEY_LENGTH)
    .fixed(blob.byRecoveryCode, SEALED_KEY_LENGTH)
    .raw(blob.bundle);
  return checked(writer, decodeBackupBlob);
}

function readIterations(reader: RecordReader): number {
  const iterations = reader.u32();
  reader.refuseIf(iterations < ITERATIONS_MIN || iterations > ITERATIONS_MAX, "WEAK_KDF");
  return iterations;
}
