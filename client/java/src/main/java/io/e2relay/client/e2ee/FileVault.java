// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.e2ee;

import com.google.protobuf.ByteString;
import io.e2relay.client.crypto.DeviceKeys;
import io.e2relay.client.crypto.KeyStorage;
import io.e2relay.client.crypto.StateKey;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;

/// Keeps the state in one sealed file of its owner: everything at some moment, and behind it one frame for each write
/// since. A frame is on the disk when its write returns. What a crash left unfinished is dropped when the file is
/// opened, and what was whole before and is not any more refuses to open. One process at a time has it.
///
/// An older copy of the whole file opens like the newest one: whoever can write the device's disk can turn its state
/// back, and this class cannot tell. Nor can it tell the last write from one that was cut off on purpose.
public final class FileVault implements Vault {
  // Below this, it is not worth writing everything anew.
  private static final long JOURNAL_BYTES_MIN = 1 << 18;

  /// What came of opening.
  public sealed interface Opening {
    record Opened(FileVault vault) implements Opening {
    }

    record Refused(Reason reason) implements Opening {
    }
  }

  /// Why there is nothing to be had.
  public enum Reason {
    // Somebody else has it open: another process, or this one.
    IN_USE,
    // Something that was written is not there any more, or is not what was written.
    DAMAGED,
    // It is no vault.
    FOREIGN,
    // It was sealed with another key.
    OTHER_KEY,
    // It cannot be read, or not be written.
    UNREADABLE
  }

  private final Path file;
  private final StateKey key;
  private final SoleUse lock;
  private final TreeMap<String, ByteString> values;
  private Journal journal;
  private boolean usable = true;

  private FileVault(Path file, StateKey key, SoleUse lock, Journal.Content content) throws IOException {
    this.file = file;
    this.key = key;
    this.lock = lock;
    this.values = content.values();
    this.journal = Journal.resume(file, key, content);
    Files.deleteIfExists(Journal.half(file));
  }

  /// Opens what is there, or begins, with the key of the device whose keys are stored there; a new device gets its keys
  /// now.
  public static Opening open(Path file, KeyStorage keys) {
    return alone(file, lock -> switch (keys.load()) {
      case KeyStorage.Loading.Loaded(DeviceKeys device) -> open(file.toAbsolutePath(), device.state(), lock);
      case KeyStorage.Loading.Empty _ when Files.exists(file) -> new Opening.Refused(Reason.OTHER_KEY);
      case KeyStorage.Loading.Empty _ -> open(file.toAbsolutePath(), Identity.stored(keys).state(), lock);
      case KeyStorage.Loading.Refused(KeyStorage.Reason reason) -> new Opening.Refused(switch (reason) {
        case WRONG_PASSWORD -> Reason.OTHER_KEY;
        case DAMAGED -> Reason.DAMAGED;
        case FOREIGN -> Reason.FOREIGN;
        case UNREADABLE -> Reason.UNREADABLE;
      });
    });
  }

  /// Opens what is there, or begins.
  public static Opening open(Path file, StateKey key) {
    return alone(file, lock -> open(file.toAbsolutePath(), key, lock));
  }

  private static Opening alone(Path file, Function<SoleUse, Opening> opening) {
    Optional<SoleUse> lock;
    try {
      lock = SoleUse.take(file);
    } catch (IOException _) {
      return new Opening.Refused(Reason.UNREADABLE);
    }
    if (lock.isEmpty()) {
      return new Opening.Refused(Reason.IN_USE);
    }
    Opening opened = opening.apply(lock.get());
    if (opened instanceof Opening.Refused) {
      lock.get().close();
    }
    return opened;
  }

  private static Opening open(Path file, StateKey key, SoleUse lock) {
    try {
      if (!Files.exists(file)) {
        Journal.begin(file, key, 1, new TreeMap<>()).close();
      }
      return switch (Journal.read(file, key)) {
        case Journal.Reading.Found(Journal.Content content) ->
          new Opening.Opened(new FileVault(file, key, lock, content));
        case Journal.Reading.Refused(Reason reason) -> new Opening.Refused(reason);
      };
    } catch (IOException _) {
      return new Opening.Refused(Reason.UNREADABLE);
    }
  }

  @Override
  public synchronized Optional<ByteString> get(String key) {
    return Optional.ofNullable(values.get(key));
  }

  @Override
  public synchronized List<String> keys(String prefix) {
    return values.tailMap(prefix).keySet().stream().takeWhile(key -> key.startsWith(prefix)).toList();
  }

  @Override
  public synchronized void write(Map<String, Optional<ByteString>> changes) {
    if (!usable) {
      throw new IllegalStateException("the vault is closed, or a write failed: open it again to see what is there");
    }
    ByteString frame = VaultFrame.of(changes);
    usable = false;
    try {
      if (leavesTraces(changes) || journal.bytes() > Math.max(JOURNAL_BYTES_MIN, 2 * journal.snapshotBytes())) {
        compact(changes);
      } else {
        journal.append(frame);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    VaultFrame.apply(changes, values);
    usable = true;
  }

  @Override
  public synchronized void close() {
    usable = false;
    try {
      journal.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      lock.close();
    }
  }

  /// Behind a secret that is gone there must be no frame in which it still is.
  private static boolean leavesTraces(Map<String, Optional<ByteString>> changes) {
    return changes.entrySet().stream()
        .anyMatch(change -> change.getKey().startsWith(PASSING) && change.getValue().isEmpty());
  }

  private void compact(Map<String, Optional<ByteString>> changes) throws IOException {
    TreeMap<String, ByteString> after = new TreeMap<>(values);
    VaultFrame.apply(changes, after);
    Journal next = Journal.begin(file, key, journal.generation() + 1, after);
    journal.close();
    journal = next;
  }

  @Override
  public String toString() {
    return "FileVault[" + file + "]";
  }
}
