// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.crypto;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.id.DeviceId;
import io.e2relay.protocol.record.Point;
import io.e2relay.protocol.record.Reading;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Keeps the keys in a PKCS#12 file that only its owner may read. The file's own password is derived from the user's
/// with 600,000 iterations, because PKCS#12 by itself checks a guess within 10,000; the salt is in an entry's name.
public final class Pkcs12KeyStorage implements KeyStorage {
  // The entry with the device's id: its name says how the password is derived.
  private static final String DEVICE_ENTRY = "e2r-1-pbkdf2-600000-";
  private static final int ITERATIONS = 600_000;
  private static final int SALT_BYTES = 32;
  private static final String SIGNING_ENTRY = "signing";
  private static final String AGREEMENT_ENTRY = "agreement";
  private static final String STATE_ENTRY = "state";
  private static final String GENERATION_ENTRY = "generation-";
  private static final ByteString UNCOMPRESSED = ByteString.copyFrom(new byte[]{4});

  private final Path file;
  private final byte[] password;
  // Deriving takes a moment, so it is done once for a file.
  private @Nullable Derived derived;

  public Pkcs12KeyStorage(Path file, String password) {
    this.file = file;
    this.password = DerivedPassword.utf8(password);
  }

  @Override
  public synchronized Loading load() {
    try {
      return loaded(Files.readAllBytes(file));
    } catch (NoSuchFileException _) {
      return new Loading.Empty();
    } catch (IOException _) {
      return new Loading.Refused(Reason.UNREADABLE);
    }
  }

  @Override
  public synchronized void save(DeviceKeys keys) {
    if (load() instanceof Loading.Refused(Reason reason)) {
      throw new IllegalStateException("what is there is not replaced, because it does not open: " + reason);
    }
    Derived from = derived == null ? derive(Randomness.SECURE.bytes(SALT_BYTES)) : derived;
    SortedMap<String, ByteString> secrets = new TreeMap<>();
    secrets.put(from.deviceEntry(), keys.device().bytes());
    secrets.put(SIGNING_ENTRY, keys.signing().serialised());
    secrets.put(AGREEMENT_ENTRY, keys.agreement().serialised());
    secrets.put(STATE_ENTRY, keys.state().toByteString());
    keys.generations().forEach((generation, key) -> secrets.put(GENERATION_ENTRY + generation, key.serialised()));
    try {
      replace(Pkcs12.write(secrets, from.password));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public String toString() {
    return "Pkcs12KeyStorage[" + file + "]";
  }

  private Loading loaded(byte[] bytes) {
    return switch (Pkcs12.names(bytes)) {
      case Pkcs12.Content.Refused<SortedSet<String>>(Reason reason) -> new Loading.Refused(reason);
      case Pkcs12.Content.Found<SortedSet<String>>(SortedSet<String> names) -> {
        Optional<ByteString> salt = names.stream().flatMap(name -> salt(name).stream()).findFirst();
        if (salt.isEmpty()) {
          yield new Loading.Refused(Reason.FOREIGN);
        }
        Derived from = derive(salt.get());
        yield switch (Pkcs12.read(bytes, from.password)) {
          case Pkcs12.Content.Refused<SortedMap<String, ByteString>>(Reason reason) -> new Loading.Refused(reason);
          case Pkcs12.Content.Found<SortedMap<String, ByteString>>(SortedMap<String, ByteString> secrets) -> {
            derived = from;
            yield keys(secrets, from.deviceEntry()).<Loading>map(Loading.Loaded::new)
                .orElseGet(() -> new Loading.Refused(Reason.DAMAGED));
          }
        };
      }
    };
  }

  private static Optional<DeviceKeys> keys(SortedMap<String, ByteString> secrets, String deviceEntry) {
    ByteString device = secrets.getOrDefault(deviceEntry, ByteString.EMPTY);
    Optional<SigningKey> signing = key(secrets.get(SIGNING_ENTRY), SigningKey::read);
    Optional<AgreementKey> agreement = key(secrets.get(AGREEMENT_ENTRY), AgreementKey::read);
    if (device.size() != DeviceId.BYTES || signing.isEmpty() || agreement.isEmpty() || !(StateKey
        .read(secrets.getOrDefault(STATE_ENTRY, ByteString.EMPTY)) instanceof Reading.Read<StateKey> state)) {
      return Optional.empty();
    }
    SortedMap<Long, AgreementKey> generations = new TreeMap<>();
    for (var secret : secrets.entrySet()) {
      if (secret.getKey().startsWith(GENERATION_ENTRY)) {
        Optional<AgreementKey> key = key(secret.getValue(), AgreementKey::read);
        if (key.isEmpty()) {
          return Optional.empty();
        }
        generations.put(Long.parseLong(secret.getKey().substring(GENERATION_ENTRY.length())), key.get());
      }
    }
    return Optional.of(DeviceKeys.of(new DeviceId(device), signing.get(), agreement.get(), generations, state.value()));
  }

  /// Reads d ‖ x ‖ y against its own public part: the file is the place where that is pinned.
  private static <K> Optional<K> key(@Nullable ByteString serialised, Import<K> read) {
    if (serialised == null || serialised.size() != P256.PRIVATE_BYTES) {
      return Optional.empty();
    }
    Point own = new Point(UNCOMPRESSED.concat(serialised.substring(P256.COORDINATE_BYTES)));
    return switch (read.from(serialised, own)) {
      case Reading.Read<K>(K key) -> Optional.of(key);
      case Reading.Unreadable<K> _ -> Optional.empty();
    };
  }

  private interface Import<K> {
    Reading<K> from(ByteString serialised, Point expected);
  }

  private static Optional<ByteString> salt(String name) {
    if (!name.matches(DEVICE_ENTRY + "[0-9a-f]{" + 2 * SALT_BYTES + "}")) {
      return Optional.empty();
    }
    return Optional.of(ByteString.fromHex(name.substring(DEVICE_ENTRY.length())));
  }

  private Derived derive(ByteString salt) {
    if (derived != null && derived.salt.equals(salt)) {
      return derived;
    }
    byte[] key = Pbkdf2.SHA256.derive(password, salt.toByteArray(), ITERATIONS, SymmetricKey.BYTES);
    return new Derived(salt, HexFormat.of().formatHex(key).toCharArray());
  }

  /// Whole or not at all, and still there after a power cut.
  private void replace(byte[] bytes) throws IOException {
    Path half = file.resolveSibling("." + file.getFileName() + ".new");
    Files.deleteIfExists(half);
    boolean posix = file.getFileSystem().supportedFileAttributeViews().contains("posix");
    FileAttribute<?>[] mode = posix
        ? new FileAttribute<?>[]{PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))}
        : new FileAttribute<?>[0];
    try (FileChannel channel = FileChannel.open(half, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
        mode)) {
      ByteBuffer left = ByteBuffer.wrap(bytes);
      while (left.hasRemaining()) {
        channel.write(left);
      }
      channel.force(true);
    }
    Files.move(half, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  /// The file's own password, and the salt it came with.
  private static final class Derived {
    private final ByteString salt;
    private final char[] password;

    Derived(ByteString salt, char[] password) {
      this.salt = salt;
      this.password = password;
    }

    String deviceEntry() {
      return DEVICE_ENTRY + HexFormat.of().formatHex(salt.toByteArray());
    }
  }
}
