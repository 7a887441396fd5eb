// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.crypto;

import com.google.protobuf.ByteString;
import io.e2relay.client.crypto.KeyStorage.Reason;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyStore;
import java.security.UnrecoverableKeyException;
import java.util.Collections;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import javax.crypto.spec.SecretKeySpec;

/// Secrets by their names as the bytes of a PKCS#12 file: the names can be read by anybody, the secrets by whoever has
/// the password.
final class Pkcs12 {
  // An algorithm whose keys may have any length.
  private static final String ALGORITHM = "HmacSHA256";
  private static final int SEQUENCE = 0x30;

  private Pkcs12() {
  }

  /// What came out of reading.
  sealed interface Content<T> {
    record Found<T>(T value) implements Content<T> {
      @Override
      public String toString() {
        return "Found[secret]";
      }
    }

    record Refused<T>(Reason reason) implements Content<T> {
    }
  }

  static byte[] write(SortedMap<String, ByteString> secrets, char[] password) {
    try {
      KeyStore store = KeyStore.getInstance("PKCS12");
      store.load(null, null);
      for (var secret : secrets.entrySet()) {
        store.setKeyEntry(secret.getKey(), new SecretKeySpec(secret.getValue().toByteArray(), ALGORITHM), password,
            null);
      }
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      store.store(bytes, password);
      return bytes.toByteArray();
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException("every JDK writes PKCS#12", e);
    }
  }

  /// The names, without a password; so nothing here is verified yet.
  static Content<SortedSet<String>> names(byte[] bytes) {
    if (bytes.length > 0 && bytes[0] != SEQUENCE) {
      return new Content.Refused<>(Reason.FOREIGN);
    }
    if (!isWhole(bytes)) {
      return new Content.Refused<>(Reason.DAMAGED);
    }
    try {
      KeyStore store = KeyStore.getInstance("PKCS12");
      store.load(new ByteArrayInputStream(bytes), null);
      return new Content.Found<>(new TreeSet<>(Collections.list(store.aliases())));
    } catch (GeneralSecurityException | IOException _) {
      return new Content.Refused<>(Reason.FOREIGN);
    }
  }

  static Content<SortedMap<String, ByteString>> read(byte[] bytes, char[] password) {
    try {
      KeyStore store = KeyStore.getInstance("PKCS12");
      store.load(new ByteArrayInputStream(bytes), password);
      SortedMap<String, ByteString> secrets = new TreeMap<>();
      for (String name : Collections.list(store.aliases())) {
        Key key = store.getKey(name, password);
        if (key == null) {
          return new Content.Refused<>(Reason.DAMAGED);
        }
        secrets.put(name, ByteString.copyFrom(key.getEncoded()));
      }
      return new Content.Found<>(secrets);
    } catch (IOException e) {
      // How a KeyStore says that its MAC does not fit.
      return new Content.Refused<>(
          e.getCause() instanceof UnrecoverableKeyException ? Reason.WRONG_PASSWORD : Reason.DAMAGED);
    } catch (GeneralSecurityException _) {
      return new Content.Refused<>(Reason.DAMAGED);
    }
  }

  /// Whether a DER sequence is as long as it says.
  private static boolean isWhole(byte[] bytes) {
    if (bytes.length < 2) {
      return false;
    }
    int head = 2;
    long length = bytes[1] & 0xff;
    if (length > 0x80) {
      head += (int) (length & 0x7f);
      length = 0;
      for (int i = 2; i < Math.min(head, bytes.length); i++) {
        length = length << 8 | (bytes[i] & 0xff);
      }
    }
    return bytes.length == head + length;
  }
}
