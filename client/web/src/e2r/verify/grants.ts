// SPDX-License-Identifier: Apache-2.0
import { sameBytes } from "../bytes.ts";
import { type Reading, read, unreadable } from "../fault.ts";
import { encodeGrantStatement, type Grant } from "../records/grant.ts";
import type { Accounts } from "./account-chain.ts";
import {
  activeSignersKey,
  type EpochChain,
  type EpochLink,
  entryOf,
  epochAt,
  newestEpoch,
} from "./epoch-chain.ts";
import { isSignedBy } from "./signatures.ts";

/** Verifies a grant without any secret, and says for which epoch it is. */
export async function verifyGrant(
  chain: EpochChain,
  { statement, signature }: Grant,
  accounts: Accounts,
): Promise<Reading<EpochLink>> {
  const { granterUid, granterDevice, granterSeq, granteeUid, kind } = statement;
  const granted = epochAt(chain, statement.epoch);
  const now = newestEpoch(chain);
  if (
    statement.conversation !== chain.conversation ||
    granted === undefined ||
    now === undefined ||
    !sameBytes(statement.epochHash, granted.hash)
  ) {
    return unreadable("WRONG_CONTEXT");
  }
  const then = granted.record.statement;
  const current = now.record.statement;
  const signer = { uid: granterUid, deviceId: granterDevice, accountSeq: granterSeq };
  const key = activeSignersKey(then, signer, accounts) ?? activeSignersKey(current, signer, accounts);
  if (key === undefined) {
    return unreadable("NOT_A_SIGNER");
  }
  if (!(await isSignedBy(key, "grant", encodeGrantStatement(statement), signature))) {
    return unreadable("BAD_SIGNATURE");
  }
  const roster = kind === "rewrapped" ? then : current;
  return entryOf(roster, granteeUid)?.state === "active" ? read(granted) : unreadable("NOT_ALLOWED");
}
