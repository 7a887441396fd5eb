// SPDX-License-Identifier: Apache-2.0
package io.e2relay.deploy.folder;

import com.sun.security.auth.module.UnixSystem;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The one folder that holds everything `up` keeps, for its owner only, held by one process at a time.
public final class DataFolder implements AutoCloseable {
  /// Less than this is not enough for a new database and its log to breathe.
  static final long FREE_BYTES_MIN = 256L << 20;
  private static final Set<StandardOpenOption> LOCK_OPTIONS = Set.of(StandardOpenOption.CREATE, StandardOpenOption.READ,
      StandardOpenOption.WRITE);

  private final Path path;
  private final FileChannel lock;

  private DataFolder(Path path, FileChannel lock) {
    this.path = path;
    this.lock = lock;
  }

  /// Where data is kept when nobody says otherwise.
  public static Path byDefault(Map<String, String> environment) {
    String shared = environment.getOrDefault("XDG_DATA_HOME", "");
    // The standard says that a relative path is to be ignored.
    Path base = shared.startsWith("/")
        ? Path.of(shared)
        : Path.of(environment.getOrDefault("HOME", System.getProperty("user.home")), ".local", "share");
    return base.resolve("e2relay");
  }

  /// Creates the folder if needed and holds it until closed.
  public static DataFolder hold(Path wanted) throws FolderException {
    Path path = create(wanted);
    try {
      requireSpace(path, Files.getFileStore(path).getUsableSpace());
      return new DataFolder(path, lock(path));
    } catch (IOException e) {
      throw FolderException.of(path, e);
    }
  }

  /// The folder of a stopped or running `up`, without holding it.
  public static Path existing(Path wanted) throws FolderException {
    if (!Files.isDirectory(wanted)) {
      throw new FolderException("There is no data folder " + wanted + ": start `up` with it once.");
    }
    try {
      Path path = wanted.toRealPath();
      requireOwner(path);
      return path;
    } catch (IOException e) {
      throw FolderException.of(wanted, e);
    }
  }

  public Path path() {
    return path;
  }

  /// A folder inside, for the owner only.
  public Path inside(String name) throws FolderException {
    try {
      Path folder = path.resolve(name);
      if (!Files.isDirectory(folder)) {
        Files.createDirectory(folder, OwnFile.ownerOnly("rwx------"));
      }
      return folder;
    } catch (IOException e) {
      throw FolderException.of(path, e);
    }
  }

  /// A folder inside that has nothing in it.
  public Path emptied(String name) throws FolderException {
    Path folder = inside(name);
    try (Stream<Path> walk = Files.walk(folder)) {
      for (Path old : walk.sorted(Comparator.reverseOrder()).toList()) {
        if (!old.equals(folder)) {
          Files.delete(old);
        }
      }
      return folder;
    } catch (IOException e) {
      throw FolderException.of(path, e);
    }
  }

  @Override
  public void close() {
    try {
      lock.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static void requireSpace(Path path, long freeBytes) throws FolderException {
    if (freeBytes < FREE_BYTES_MIN) {
      throw new FolderException(("Only %d MiB are free where the data lies (%s), and %d MiB are needed: "
          + "make room, or choose another folder with --data.").formatted(freeBytes >> 20, path, FREE_BYTES_MIN >> 20));
    }
  }

  private static Path create(Path wanted) throws FolderException {
    Path path = wanted.toAbsolutePath().normalize();
    try {
      if (!Files.isDirectory(path)) {
        Path parent = path.getParent();
        if (parent != null) {
          Files.createDirectories(parent);
        }
        Files.createDirectory(path, OwnFile.ownerOnly("rwx------"));
      }
      Path real = path.toRealPath();
      requireOwner(real);
      Files.setPosixFilePermissions(real, PosixFilePermissions.fromString("rwx------"));
      return real;
    } catch (IOException e) {
      throw FolderException.of(path, e);
    }
  }

  private static void requireOwner(Path path) throws IOException, FolderException {
    int owner = (Integer) Files.getAttribute(path, "unix:uid", LinkOption.NOFOLLOW_LINKS);
    long we = new UnixSystem().getUid();
    if (owner != we) {
      throw new FolderException(
          "The folder %s belongs to another user (%s): choose another one with --data, or start as its owner."
              .formatted(path, Files.getOwner(path).getName()));
    }
  }

  private static FileChannel lock(Path path) throws IOException, FolderException {
    FileChannel channel = FileChannel.open(path.resolve("up.lock"), LOCK_OPTIONS, OwnFile.ownerOnly("rw-------"));
    try {
      @Nullable
      FileLock lock = channel.tryLock();
      if (lock != null) {
        channel.truncate(0);
        channel.write(ByteBuffer.wrap(Long.toString(ProcessHandle.current().pid()).getBytes(StandardCharsets.US_ASCII)),
            0);
        return channel;
      }
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
    ByteBuffer holder = ByteBuffer.allocate(20);
    channel.read(holder, 0);
    channel.close();
    throw new FolderException(("Another `up` (process %s) runs with the data in %s: stop it, "
        + "or choose another folder with --data and another port with --port.")
        .formatted(StandardCharsets.US_ASCII.decode(holder.flip()), path));
  }

  /// Why the data folder cannot be used; the message is for the person at the terminal.
  public static final class FolderException extends Exception {
    private static final long serialVersionUID = 1L;

    public FolderException(String message) {
      super(message);
    }

    @Override
    public String getMessage() {
      return Objects.requireNonNull(super.getMessage());
    }

    /// The same for a failed file operation.
    public static FolderException of(Path path, IOException e) {
      String reason = e instanceof FileSystemException failed ? failed.getReason() : e.getMessage();
      if (reason != null && reason.contains("No space left")) {
        return new FolderException(
            "The disk is full where the data lies (%s): make room, or choose another folder with --data."
                .formatted(path));
      }
      if (e instanceof AccessDeniedException) {
        return new FolderException(
            "The folder %s is not open to this user: choose another one with --data.".formatted(path));
      }
      return new FolderException("The folder %s cannot be used (%s%s): choose another one with --data.".formatted(path,
          e.getClass().getSimpleName(), reason == null ? "" : ": " + reason));
    }
  }
}
