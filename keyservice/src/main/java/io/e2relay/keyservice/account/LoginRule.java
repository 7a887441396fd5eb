// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.account;

import io.e2relay.protocol.id.DeviceId;
import io.e2relay.protocol.record.AccountRecord;
import io.e2relay.protocol.record.LoginStatement;
import io.e2relay.protocol.record.Signature;
import io.e2relay.protocol.verify.Signatures;
import org.jspecify.annotations.Nullable;

/// Whether whoever connects is the device it says it is.
public final class LoginRule {
  public enum Verdict {
    // The account does not have this device, so there is nothing to prove.
    STRANGER, PROVEN, UNPROVEN
  }

  /// What a device signed, and how.
  public record Login(LoginStatement statement, Signature signature) {
  }

  private LoginRule() {
  }

  /// @param account the newest record of the account that the device says it belongs to
  /// @param login null where the client showed nothing
  public static Verdict judge(AccountRecord account, DeviceId device, @Nullable Login login) {
    return account.statement().device(device).map(known -> {
      boolean proven = login != null
          && Signatures.verify(known.dsk(), "auth", login.statement().tbs(), login.signature());
      return proven ? Verdict.PROVEN : Verdict.UNPROVEN;
    }).orElse(Verdict.STRANGER);
  }
}
