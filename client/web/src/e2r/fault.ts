// SPDX-License-Identifier: Apache-2.0

/** What a reader or a verifier finds; the same names in every language (docs/PROTOCOL.md, Faults). */
export const FAULTS = [
  "TRUNCATED",
  "TRAILING_BYTES",
  "UNKNOWN_VERSION",
  "UNKNOWN_SUITE",
  "UNKNOWN_VALUE",
  "OUT_OF_RANGE",
  "WRONG_LENGTH",
  "MALFORMED_POINT",
  "UNSORTED",
  "CONTRADICTION",
  "WEAK_KDF",
  "INVALID_POINT",
  "KEY_REUSED",
  "BAD_SIGNATURE",
  "WRONG_CONTEXT",
  "ROLLED_BACK",
  "FORKED",
  "BROKEN_CHAIN",
  "RULE_BROKEN",
  "NOT_A_SIGNER",
  "NOT_ALLOWED",
  "GHOST_KEY",
  "CANNOT_OPEN",
  "BAD_COMMITMENT",
  "KEY_MISMATCH",
  "BAD_PADDING",
  "WRONG_ROOT",
  "BAD_RECOVERY_CODE",
  "REPLAYED",
  "CLONED_DEVICE",
  "OUT_OF_ORDER",
] as const;

export type Fault = (typeof FAULTS)[number];

/** What came out of reading, verifying or opening bytes: a value, or the first fault. */
export type Reading<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly fault: Fault };

export function read<T>(value: T): Reading<T> {
  return { ok: true, value };
}

export function unreadable(fault: Fault): { readonly ok: false; readonly fault: Fault } {
  return { ok: false, fault };
}
