// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.account;

import io.e2relay.protocol.id.DeviceId;
import io.e2relay.protocol.record.AccountRecord;
import io.e2relay.protocol.record.Device;
import io.e2relay.protocol.record.LoginStatement;
import io.e2relay.protocol.record.Signature;
import io.e2relay.protocol.verify.Signatures;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// Whether whoever connects is the device it says it is, and may be it.
public final class LoginRule {
  public enum Verdict {
    // The account does not have this device, and it does not say so either.
    STRANGER, //
    PROVEN, //
    UNPROVEN, //
    // It proved itself, but nobody saw it for too long.
    IDLE, //
    // Nobody saw it for too long, and it does not say that it can prove itself: good enough to be unlocked.
    LOCKED
  }

  /// What a device signed, and how.
  public record Login(LoginStatement statement, Signature signature) {
  }

  /// Since when a device counts as away.
  public record Now(long ms, Duration idle) {
  }

  private LoginRule() {
  }

  /// @param account the newest record of the account that the device says it belongs to
  /// @param use what is known of the device; null where it never was here
  /// @param login null where the client showed nothing
  public static Verdict judge(AccountRecord account, DeviceId device, @Nullable DeviceUse use, @Nullable Login login,
      Now now) {
    Device known = account.statement().device(device).orElse(null);
    if (known == null) {
      return login == null ? Verdict.STRANGER : Verdict.UNPROVEN;
    }
    if (use != null && use.retired(known)) {
      return Verdict.UNPROVEN;
    }
    long seenMs = use == null ? known.addedMs() : use.seenMs();
    boolean away = now.ms() - seenMs > now.idle().toMillis();
    if (login == null) {
      return away ? Verdict.LOCKED : Verdict.UNPROVEN;
    }
    if (!Signatures.verify(known.dsk(), "auth", login.statement().tbs(), login.signature())) {
      return Verdict.UNPROVEN;
    }
    return away ? Verdict.IDLE : Verdict.PROVEN;
  }
}
