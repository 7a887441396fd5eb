// SPDX-License-Identifier: Apache-2.0
package io.e2relay.protocol.record;

/// What a reader or a verifier found; the same names in every language (docs/PROTOCOL.md, Faults).
public enum Fault {
  // The bytes end before the record does.
  TRUNCATED,
  // Bytes follow after the record.
  TRAILING_BYTES,
  // The version is not 1.
  UNKNOWN_VERSION,
  // The suite is not 1.
  UNKNOWN_SUITE,
  // A byte that names one of a few things names none of them.
  UNKNOWN_VALUE,
  // A number or count lies outside its limits.
  OUT_OF_RANGE,
  // A part has a length that its kind cannot have.
  WRONG_LENGTH,
  // A public key does not begin with 04.
  MALFORMED_POINT,
  // A list is not strictly ascending.
  UNSORTED,
  // Fields exclude each other.
  CONTRADICTION,
  // The password would be derived by an unknown or too weak function.
  WEAK_KDF,
  // A public key is not on the curve.
  INVALID_POINT,
  // A key occurs twice.
  KEY_REUSED,
  // A signature does not belong to the bytes and the key.
  BAD_SIGNATURE,
  // The record belongs to another tenant, user, conversation or epoch.
  WRONG_CONTEXT,
  // Older than what is known already.
  ROLLED_BACK,
  // Another record of the same number exists: somebody shows different things to different people.
  FORKED,
  // It does not follow the record before it.
  BROKEN_CHAIN,
  // The change is not one that its kind may make.
  RULE_BROKEN,
  // Whoever signed has no right to sign this.
  NOT_A_SIGNER,
  // The signer may not make this change.
  NOT_ALLOWED,
  // My entry names an account record that I never made.
  GHOST_KEY,
  // It does not open; why is not said.
  CANNOT_OPEN,
  // The key is not the one that was committed to.
  BAD_COMMITMENT,
  // The private key does not belong to the public key.
  KEY_MISMATCH,
  // What was opened is not padded as it must be.
  BAD_PADDING,
  // The file is not the one that was described.
  WRONG_ROOT,
  // Not a recovery code; probably mistyped.
  BAD_RECOVERY_CODE,
  // This message was received before.
  REPLAYED,
  // Two messages of a device carry the same number: its keys are in two places.
  CLONED_DEVICE,
  // A message came late.
  OUT_OF_ORDER
}
