// SPDX-License-Identifier: Apache-2.0
import { sameBytes } from "../bytes.ts";
import type { Fault } from "../fault.ts";
import type { AccountRecord } from "../records/account.ts";
import { type AccountChain, type AccountLink, linkAt, newest } from "../verify/account-chain.ts";

/** What this device remembers of somebody for good: the newest record it saw, and whether the root was compared. */
export interface PinnedContact {
  readonly newest: AccountLink;
  readonly verified: boolean;
}

/** What came of looking at somebody's account again. */
export type ContactNews =
  | {
      readonly ok: true;
      readonly contact: PinnedContact;
      /** The records that are new, resets and vetoes among them: each is told to whoever talks to this contact. */
      readonly changes: readonly AccountRecord[];
      /** Another root than before: whoever it is, is not verified any more. */
      readonly rootChanged: boolean;
    }
  | {
      readonly ok: false;
      readonly fault: Fault;
      /** Two signed records of one number: to be kept and shown, for one of them is a lie. */
      readonly evidence?: readonly [AccountRecord, AccountRecord];
    };

/** The first time: there is nothing to compare with but a safety number. */
export function pinContact(chain: AccountChain): PinnedContact {
  return { newest: newest(chain), verified: false };
}

/** After the safety number was compared. */
export function verifiedContact(contact: PinnedContact): PinnedContact {
  return { ...contact, verified: true };
}

/** Compares a chain, verified from its first record on, with what is remembered: WRONG_CONTEXT, ROLLED_BACK, FORKED. */
export function meetContact(contact: PinnedContact, chain: AccountChain): ContactNews {
  const { record: pinned, hash } = contact.newest;
  const { record: last } = newest(chain);
  if (last.statement.tenant !== pinned.statement.tenant || last.statement.uid !== pinned.statement.uid) {
    return { ok: false, fault: "WRONG_CONTEXT" };
  }
  const same = linkAt(chain, pinned.statement.seq);
  if (same === undefined) {
    return { ok: false, fault: "ROLLED_BACK" };
  }
  if (!sameBytes(same.hash, hash)) {
    return { ok: false, fault: "FORKED", evidence: [pinned, same.record] };
  }
  const rootChanged = !sameBytes(last.statement.arkPub, pinned.statement.arkPub);
  return {
    ok: true,
    contact: { newest: newest(chain), verified: contact.verified && !rootChanged },
    changes: chain.links.slice(pinned.statement.seq).map(({ record }) => record),
    rootChanged,
  };
}
