// SPDX-License-Identifier: Apache-2.0
package io.e2relay.protocol.verify;

import io.e2relay.protocol.record.EpochRecord;
import io.e2relay.protocol.record.Fault;
import io.e2relay.protocol.record.Grant;
import io.e2relay.protocol.record.GrantStatement;
import io.e2relay.protocol.record.Point;
import io.e2relay.protocol.record.RosterEntry;
import java.util.Optional;

/// Whether a grant may stand: of the epoch it names, by somebody who could have its key, for somebody who may.
public final class GrantCheck {
  private GrantCheck() {
  }

  /// Against the verified record of the epoch it should be of, and the newest one.
  public static Verdict verify(Grant grant, EpochRecord epoch, EpochRecord newest, Accounts accounts) {
    GrantStatement statement = grant.statement();
    SignerCheck signers = new SignerCheck(accounts);
    Optional<Point> key = signers.active(epoch, statement.granter())
        .or(() -> signers.active(newest, statement.granter()));
    EpochRecord asked = switch (statement.kind()) {
      case REWRAP -> epoch;
      case HISTORY -> newest;
    };
    return new Finding()
        .require(
            () -> statement.conversation().equals(epoch.statement().conversation())
                && statement.epoch().equals(epoch.statement().epoch()) && statement.epochHash().equals(epoch.hash()),
            Fault.WRONG_CONTEXT)
        .require(key::isPresent, Fault.NOT_A_SIGNER)
        .require(() -> key.filter(point -> Signatures.verify(point, "grant", statement.tbs(), grant.signature()))
            .isPresent(), Fault.BAD_SIGNATURE)
        .require(() -> asked.statement().entry(statement.grantee()).filter(RosterEntry::active).isPresent(),
            Fault.NOT_ALLOWED)
        .verdict();
  }
}
