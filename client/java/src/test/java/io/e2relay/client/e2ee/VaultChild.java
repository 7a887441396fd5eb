// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.e2ee;

import com.google.protobuf.ByteString;
import io.e2relay.client.crypto.DeviceKeys;
import io.e2relay.client.crypto.KeyStorage;
import io.e2relay.client.crypto.Pkcs12KeyStorage;
import io.e2relay.client.crypto.StateKey;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;

/// A program that writes to a vault until it is killed, and says what it has written when each write returned.
final class VaultChild {
  static final int WRITES = 200;
  static final int SEQUENCES = 3;
  private static final String PASSWORD = "of a test";

  private VaultChild() {
  }

  /// Arguments: the vault's file; then, to write, the file of keys, a seed, and from which write on.
  public static void main(String[] arguments) throws IOException {
    Path file = Path.of(arguments[0]);
    if (arguments.length == 1) {
      say(switch (FileVault.open(file, StateKey.generate())) {
        case FileVault.Opening.Opened _ -> "OPENED";
        case FileVault.Opening.Refused(FileVault.Reason reason) -> reason.name();
      });
      return;
    }
    long seed = Long.parseLong(arguments[2]);
    int from = Integer.parseInt(arguments[3]);
    Vault vault = opened(file, keys(Path.of(arguments[1])));
    for (int i = from; i < from + WRITES; i++) {
      vault.write(change(seed, i));
      // From here on the sequence may be in a message that somebody has.
      say(Integer.toString(i));
    }
  }

  /// What write number i changes: some keys at random, and a device's sequence in one of the conversations.
  static Map<String, Optional<ByteString>> change(long seed, int i) {
    Random random = new Random(seed * 1_000_003 + i);
    Map<String, Optional<ByteString>> change = new HashMap<>();
    change.put("count", Optional.of(ByteString.copyFromUtf8(Integer.toString(i))));
    change.put("sequence/" + i % SEQUENCES, Optional.of(ByteString.copyFromUtf8(Integer.toString(i))));
    for (int k = random.nextInt(6); k > 0; k--) {
      String prefix = random.nextInt(10) == 0 ? Vault.PASSING : "k";
      byte[] value = new byte[random.nextInt(3_000)];
      random.nextBytes(value);
      change.put(prefix + random.nextInt(20),
          random.nextInt(4) == 0 ? Optional.empty() : Optional.of(ByteString.copyFrom(value)));
    }
    return change;
  }

  static StateKey keys(Path file) {
    KeyStorage storage = new Pkcs12KeyStorage(file, PASSWORD);
    return switch (storage.load()) {
      case KeyStorage.Loading.Loaded(DeviceKeys keys) -> keys.state();
      case KeyStorage.Loading.Empty _ -> {
        DeviceKeys keys = DeviceKeys.generate();
        storage.save(keys);
        yield keys.state();
      }
      case KeyStorage.Loading.Refused(KeyStorage.Reason reason) -> throw new IllegalStateException(reason.name());
    };
  }

  static Vault opened(Path file, StateKey key) {
    return switch (FileVault.open(file, key)) {
      case FileVault.Opening.Opened(FileVault vault) -> vault;
      case FileVault.Opening.Refused(FileVault.Reason reason) -> throw new IllegalStateException(reason.name());
    };
  }

  /// What another process gets that wants to open the vault.
  static String opening(Path file) throws IOException {
    Process process = start(List.of(file.toString()));
    return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
  }

  static Process start(List<String> arguments) throws IOException {
    List<String> command = new ArrayList<>(
        List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-XX:TieredStopAtLevel=1",
            "-Xshare:auto", "-cp", System.getProperty("java.class.path"), VaultChild.class.getName()));
    command.addAll(arguments);
    return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
  }

  private static void say(String line) throws IOException {
    // In one system call: what was said is said, and not half.
    new FileOutputStream(FileDescriptor.out).write((line + "\n").getBytes(StandardCharsets.UTF_8));
  }
}
