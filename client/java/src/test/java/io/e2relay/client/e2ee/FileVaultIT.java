// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.e2ee;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.e2relay.client.crypto.InMemoryKeyStorage;
import io.e2relay.client.crypto.Pkcs12KeyStorage;
import io.e2relay.client.crypto.StateKey;
import io.e2relay.client.e2ee.FileVault.Opening;
import io.e2relay.client.e2ee.FileVault.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The vault in a file: what a crash and what a stranger can do to it.
final class FileVaultIT implements VaultContract {
  private static final StateKey KEY = StateKey.generate();

  @TempDir
  private Path folder = Path.of("");
  private Optional<Vault> open = Optional.empty();

  @Override
  public Vault vault() {
    if (open.isEmpty()) {
      open = Optional.of(opened(file()));
    }
    return open.get();
  }

  @Override
  public Vault reopened() {
    close();
    return vault();
  }

  @AfterEach
  void close() {
    open.ifPresent(Vault::close);
    open = Optional.empty();
  }

  @Test
  void it_has_one_user_at_a_time_in_this_process_and_in_all() throws Exception {
    vault().write(Map.of("a", value(1)));
    assertEquals(refused(Reason.IN_USE), FileVault.open(file(), KEY));
    assertEquals(refused(Reason.IN_USE), FileVault.open(folder.resolve(".").resolve("state"), KEY));
    assertEquals("IN_USE", VaultChild.opening(file()));
    // That somebody was refused took nothing from who has it.
    assertEquals(refused(Reason.IN_USE), FileVault.open(file(), KEY));
    assertEquals("IN_USE", VaultChild.opening(file()));
    vault().write(Map.of("a", value(2)));
    close();
    assertEquals("OTHER_KEY", VaultChild.opening(file()));
    assertEquals(Optional.of(value(2).orElseThrow()), vault().get("a"));
  }

  @Test
  void a_write_that_was_cut_anywhere_is_there_or_is_not() throws IOException {
    List<Integer> ends = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      vault().write(Map.of("n", value(i), "k" + i, value(i)));
      ends.add((int) Files.size(file()));
    }
    close();
    byte[] whole = Files.readAllBytes(file());
    int cuts = 0;
    for (int length = ends.getFirst(); length <= whole.length; length++, cuts++) {
      Files.write(file(), Arrays.copyOf(whole, length));
      int cut = length;
      long writes = ends.stream().filter(end -> end <= cut).count();
      assertEquals(value((int) writes - 1), vault().get("n"));
      assertEquals(writes, vault().keys("k").size());
      // And it goes on from there.
      vault().write(Map.of("again", value(7)));
      assertEquals(value(7), reopened().get("again"));
      close();
    }
    assertEquals(whole.length - ends.getFirst() + 1, cuts);
    System.out.println("shown: vault-cut cuts=" + cuts + " writes=4");
  }

  @Test
  void a_write_whose_end_never_reached_the_disk_is_dropped() throws IOException {
    vault().write(Map.of("a", value(1)));
    int before = (int) Files.size(file());
    vault().write(Map.of("a", value(2)));
    close();
    byte[] whole = Files.readAllBytes(file());
    for (int from : new int[]{before, before + 5, whole.length - 60, whole.length - 20}) {
      byte[] unwritten = whole.clone();
      Arrays.fill(unwritten, from, whole.length, (byte) 0);
      Files.write(file(), unwritten);
      if (from == before + 5) {
        // The length is there and its checksum is not: no crash of one write leaves that, for they are in one sector.
        assertEquals(refused(Reason.DAMAGED), FileVault.open(file(), KEY));
      } else {
        assertEquals(value(1), vault().get("a"));
        close();
      }
    }
  }

  @Test
  void no_byte_of_what_was_written_can_be_another() throws IOException {
    for (int i = 0; i < 4; i++) {
      vault().write(Map.of("n", value(i)));
    }
    close();
    byte[] whole = Files.readAllBytes(file());
    int refused = 0;
    for (int at = 0; at < whole.length; at++) {
      byte[] other = whole.clone();
      other[at] ^= 0x10;
      Files.write(file(), other);
      Reason reason = assertInstanceOf(Opening.Refused.class, FileVault.open(file(), KEY)).reason();
      assertEquals(at < JournalBytes.MAGIC.size() ? Reason.FOREIGN : Reason.DAMAGED, reason);
      refused++;
    }
    Files.write(file(), whole);
    assertEquals(value(3), vault().get("n"));
    System.out.println("shown: vault-damage flipped=" + refused + " reasons=FOREIGN,DAMAGED control=opened");
  }

  @Test
  void frames_of_another_time_or_place_do_not_open() throws IOException {
    Path other = folder.resolve("other");
    List<byte[]> whole = new ArrayList<>();
    for (Path path : List.of(file(), other)) {
      try (Vault vault = opened(path)) {
        vault.write(Map.of("a", value(1)));
        vault.write(Map.of("a", value(2)));
      }
      whole.add(Files.readAllBytes(path));
    }
    int start = start(whole.getFirst());
    int middle = start + (whole.getFirst().length - start) / 2;
    byte[] mine = whole.getFirst();
    byte[] swapped = concat(Arrays.copyOf(mine, start), Arrays.copyOfRange(mine, middle, mine.length),
        Arrays.copyOfRange(mine, start, middle));
    byte[] twice = concat(mine, Arrays.copyOfRange(mine, middle, mine.length));
    byte[] left = concat(Arrays.copyOf(mine, start), Arrays.copyOfRange(mine, middle, mine.length));
    byte[] mixed = concat(Arrays.copyOf(mine, middle), Arrays.copyOfRange(whole.getLast(), middle, mine.length));
    for (byte[] each : List.of(swapped, twice, left, mixed)) {
      Files.write(file(), each);
      assertEquals(refused(Reason.DAMAGED), FileVault.open(file(), KEY));
    }
    Files.write(file(), mine);
    assertEquals(value(2), vault().get("a"));
  }

  @Test
  void what_is_something_else_or_another_devices_says_so() throws IOException {
    vault().write(Map.of("a", value(1)));
    close();
    assertEquals(refused(Reason.OTHER_KEY), FileVault.open(file(), StateKey.generate()));
    assertEquals(value(1), reopened().get("a"));
    close();
    Files.writeString(file(), "nothing of ours");
    assertEquals(refused(Reason.FOREIGN), FileVault.open(file(), KEY));
    Files.write(file(), new byte[0]);
    assertEquals(refused(Reason.DAMAGED), FileVault.open(file(), KEY));
    Files.delete(file());
    Files.createDirectory(file());
    assertEquals(refused(Reason.UNREADABLE), FileVault.open(file(), KEY));
    assertEquals(refused(Reason.UNREADABLE), FileVault.open(folder.resolve("no").resolve("state"), KEY));
  }

  @Test
  void the_keys_of_the_device_open_it_and_nothing_else_does() throws IOException {
    Path keys = folder.resolve("keys.p12");
    try (Vault vault = opened(FileVault.open(file(), new Pkcs12KeyStorage(keys, "right")))) {
      vault.write(Map.of("a", value(1)));
    }
    assertEquals(refused(Reason.OTHER_KEY), FileVault.open(file(), new Pkcs12KeyStorage(keys, "wrong")));
    assertEquals(refused(Reason.OTHER_KEY), FileVault.open(file(), new InMemoryKeyStorage()));
    Files.move(keys, folder.resolve("lost"));
    assertEquals(refused(Reason.OTHER_KEY), FileVault.open(file(), new Pkcs12KeyStorage(keys, "right")));
    assertFalse(Files.exists(keys));
    Files.writeString(keys, "nothing of ours");
    assertEquals(refused(Reason.FOREIGN), FileVault.open(file(), new Pkcs12KeyStorage(keys, "right")));
    Files.move(folder.resolve("lost"), keys, StandardCopyOption.REPLACE_EXISTING);
    try (Vault vault = opened(FileVault.open(file(), new Pkcs12KeyStorage(keys, "right")))) {
      assertEquals(value(1), vault.get("a"));
    }
  }

  @Test
  void an_older_copy_opens_and_that_is_a_published_limit() throws IOException {
    vault().write(Map.of("a", value(1)));
    close();
    byte[] older = Files.readAllBytes(file());
    vault().write(Map.of("a", value(2)));
    close();
    Files.write(file(), older);
    assertEquals(value(1), vault().get("a"));
  }

  @Test
  void only_its_owner_may_read_it_and_nothing_readable_is_in_it() throws IOException {
    vault().write(Map.of("a-telling-name", Optional.of(ByteString.copyFromUtf8("a telling value"))));
    close();
    try (Stream<Path> files = Files.list(folder)) {
      for (Path each : files.toList()) {
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(each)));
        String bytes = new String(Files.readAllBytes(each), java.nio.charset.StandardCharsets.ISO_8859_1);
        assertFalse(bytes.contains("telling"));
      }
    }
  }

  @Test
  void the_file_does_not_grow_with_the_number_of_writes() throws IOException {
    ByteString kilobyte = ByteString.copyFrom(new byte[1024]);
    for (int i = 0; i < 1_000; i++) {
      vault().write(Map.of("k" + i % 10, Optional.of(kilobyte)));
    }
    long size = Files.size(file());
    assertTrue(size < 400_000, () -> "size " + size);
    assertEquals(10, reopened().keys("").size());
    System.out.println("shown: vault-size writes=1000 written=1024000 kept=10240 file=" + size);
  }

  @Test
  void what_passes_leaves_no_frame_behind() throws IOException {
    ByteString secret = ByteString.copyFrom(new byte[5_000]);
    vault().write(Map.of("stays", value(1)));
    vault().write(Map.of(Vault.PASSING + "secret", Optional.of(secret)));
    assertTrue(Files.size(file()) > 5_000);
    vault().write(Map.of(Vault.PASSING + "secret", Optional.empty()));
    assertTrue(Files.size(file()) < 1_000);
    assertEquals(List.of("stays"), reopened().keys(""));
  }

  @Test
  void what_is_too_large_is_refused_and_changes_nothing() {
    vault().write(Map.of("a", value(1)));
    String longName = "k".repeat(VaultFrame.KEY_BYTES_MAX);
    vault().write(Map.of(longName, value(1)));
    assertThrows(IllegalArgumentException.class, () -> vault().write(Map.of(longName + "k", value(2), "a", value(2))));
    assertThrows(IllegalArgumentException.class, () -> vault().write(Map.of("", value(2))));
    ByteString large = ByteString.copyFrom(new byte[VaultFrame.VALUE_BYTES_MAX]);
    vault().write(Map.of("large", Optional.of(large)));
    assertThrows(IllegalArgumentException.class,
        () -> vault().write(Map.of("a", Optional.of(large.concat(ByteString.copyFrom(new byte[1]))))));
    assertEquals(value(1), reopened().get("a"));
    assertEquals(large, vault().get("large").orElseThrow());
  }

  @Test
  void what_is_closed_is_not_written_to() {
    Vault vault = vault();
    close();
    assertThrows(IllegalStateException.class, () -> vault.write(Map.of("a", value(1))));
    assertEquals(Optional.empty(), reopened().get("a"));
  }

  private Path file() {
    return folder.resolve("state");
  }

  private static Vault opened(Path file) {
    return opened(FileVault.open(file, KEY));
  }

  private static Vault opened(Opening opening) {
    return assertInstanceOf(Opening.Opened.class, opening).vault();
  }

  private static Opening refused(Reason reason) {
    return new Opening.Refused(reason);
  }

  /// Where the first frame behind the snapshot begins.
  private static int start(byte[] whole) {
    ByteString length = ByteString.copyFrom(whole, JournalBytes.START_BYTES, Integer.BYTES);
    return JournalBytes.START_BYTES + JournalBytes.BEFORE_BYTES + length.asReadOnlyByteBuffer().getInt()
        + JournalBytes.CHECK_BYTES;
  }

  private static byte[] concat(byte[]... parts) {
    ByteString all = ByteString.EMPTY;
    for (byte[] part : parts) {
      all = all.concat(ByteString.copyFrom(part));
    }
    return all.toByteArray();
  }

  private static Optional<ByteString> value(int number) {
    return Optional.of(ByteString.copyFromUtf8("value " + number));
  }
}
