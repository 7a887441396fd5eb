// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.crypto;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.e2relay.client.crypto.KeyStorage.Loading;
import io.e2relay.client.crypto.KeyStorage.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Arrays;
import java.util.List;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class Pkcs12KeyStorageIT implements KeyStorageContract {
  @TempDir
  private Path folder = Path.of("");
  private Path file = Path.of("");
  private KeyStorage storage = new InMemoryKeyStorage();

  @BeforeEach
  void open() {
    file = folder.resolve("device.p12");
    storage = reopened();
  }

  @Override
  public KeyStorage storage() {
    return storage;
  }

  @Override
  public KeyStorage reopened() {
    return new Pkcs12KeyStorage(file, "correct horse");
  }

  @Test
  void a_wrong_password_is_refused_and_nothing_is_replaced() throws IOException {
    storage.save(DeviceKeys.generate());
    byte[] before = Files.readAllBytes(file);
    assertInstanceOf(Loading.Loaded.class, reopened().load());
    KeyStorage wrong = new Pkcs12KeyStorage(file, "correct horsf");
    assertEquals(new Loading.Refused(Reason.WRONG_PASSWORD), wrong.load());
    assertThrows(IllegalStateException.class, () -> wrong.save(DeviceKeys.generate()));
    assertTrue(Arrays.equals(before, Files.readAllBytes(file)));
  }

  @Test
  void a_file_that_is_cut_or_continued_is_damaged() throws IOException {
    storage.save(DeviceKeys.generate());
    byte[] whole = Files.readAllBytes(file);
    assertInstanceOf(Loading.Loaded.class, reopened().load());
    for (int length : new int[]{0, 1, 2, 5, whole.length / 2, whole.length - 1, whole.length + 1}) {
      Files.write(file, Arrays.copyOf(whole, length));
      assertEquals(new Loading.Refused(Reason.DAMAGED), reopened().load());
    }
  }

  @Test
  void a_file_with_one_bit_turned_never_gives_other_keys() throws IOException {
    DeviceKeys keys = DeviceKeys.generate();
    storage.save(keys);
    byte[] whole = Files.readAllBytes(file);
    assertInstanceOf(Loading.Loaded.class, storage.load());
    int loaded = 0;
    for (int at = 0; at < whole.length; at += 29) {
      byte[] other = whole.clone();
      other[at] ^= 1;
      Files.write(file, other);
      if (storage.load() instanceof Loading.Loaded(DeviceKeys found)) {
        assertEquals(keys.signing().serialised(), found.signing().serialised());
        loaded++;
      }
    }
    // Some bytes around the MAC say nothing.
    assertTrue(loaded < 4, () -> "loaded");
  }

  @Test
  void a_file_that_is_something_else_is_foreign() throws IOException, GeneralSecurityException {
    Files.writeString(file, "nothing of ours");
    assertEquals(new Loading.Refused(Reason.FOREIGN), storage.load());
    Files.write(file, new byte[]{0x30, 3, 2, 1, 5});
    assertEquals(new Loading.Refused(Reason.FOREIGN), storage.load());
    KeyStore other = KeyStore.getInstance("PKCS12");
    other.load(null, null);
    other.setKeyEntry("signing", new SecretKeySpec(new byte[96], "HmacSHA256"), "correct horse".toCharArray(), null);
    try (var out = Files.newOutputStream(file)) {
      other.store(out, "correct horse".toCharArray());
    }
    assertEquals(new Loading.Refused(Reason.FOREIGN), storage.load());
  }

  @Test
  void a_file_that_cannot_be_read_is_refused() throws IOException {
    Files.createDirectory(file);
    assertEquals(new Loading.Refused(Reason.UNREADABLE), storage.load());
  }

  @Test
  void only_its_owner_may_read_the_file_and_nothing_else_is_left() throws IOException {
    storage.save(DeviceKeys.generate());
    storage.save(DeviceKeys.generate());
    assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
    try (var files = Files.list(folder)) {
      assertEquals(List.of(file), files.toList());
    }
  }

  @Test
  void the_files_own_password_is_not_the_users() throws IOException, GeneralSecurityException {
    storage.save(DeviceKeys.generate());
    KeyStore plain = KeyStore.getInstance("PKCS12");
    try (var in = Files.newInputStream(file)) {
      assertThrows(IOException.class, () -> plain.load(in, "correct horse".toCharArray()));
    }
  }
}
