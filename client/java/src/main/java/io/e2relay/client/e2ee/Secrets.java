// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.e2ee;

import com.google.protobuf.ByteString;
import io.e2relay.client.crypto.RecoveryCode;
import java.util.List;
import java.util.Optional;

/// What the user of a new account has to write down: shown until the user says it is, and never again.
public record Secrets(Optional<Passphrase> passphrase, String recoveryCode) {
  static Secrets of(Optional<Passphrase> passphrase, RecoveryCode code) {
    return new Secrets(passphrase, code.reveal());
  }

  static Secrets read(ByteString bytes) {
    List<ByteString> fields = Packed.values(bytes);
    String phrase = fields.getFirst().toStringUtf8();
    return new Secrets(phrase.isEmpty() ? Optional.empty() : Optional.of(Passphrase.of(phrase)),
        fields.getLast().toStringUtf8());
  }

  ByteString packed() {
    return Packed.of(ByteString.copyFromUtf8(passphrase.map(Passphrase::reveal).orElse("")),
        ByteString.copyFromUtf8(recoveryCode));
  }

  @Override
  public String toString() {
    return "Secrets[secret]";
  }
}
