// SPDX-License-Identifier: Apache-2.0
package io.e2relay.backing;

import com.sun.security.auth.module.UnixSystem;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Folders and files that belong to this user, and the secrets in them.
final class OwnFolder {
  private static final int SECRET_BYTES = 32;
  private static final SecureRandom RANDOM = new SecureRandom();

  private OwnFolder() {
  }

  static int ourUid() {
    return Math.toIntExact(new UnixSystem().getUid());
  }

  /// Our home; not that of the user who lent us root.
  static Path home() {
    Path home = Path.of(System.getenv().getOrDefault("HOME", ""));
    try {
      if (home.isAbsolute() && owner(home) == ourUid()) {
        return home;
      }
    } catch (IOException _) {
      // There is no such folder, then it is nobody's home.
    }
    return Path.of(System.getProperty("user.home"));
  }

  static int owner(Path path) throws IOException {
    return (Integer) Files.getAttribute(path, "unix:uid", LinkOption.NOFOLLOW_LINKS);
  }

  static Set<PosixFilePermission> mode(String mode) {
    return PosixFilePermissions.fromString(mode);
  }

  /// Creates the folder, with parents, so that only its owner may look inside; its real path is the answer.
  static Path claim(Path folder, String mode) {
    Path wanted = folder.toAbsolutePath().normalize();
    try {
      if (!Files.isDirectory(wanted)) {
        Files.createDirectories(parent(wanted));
        try {
          Files.createDirectory(wanted, PosixFilePermissions.asFileAttribute(mode("rwx------")));
        } catch (java.nio.file.FileAlreadyExistsException e) {
          // Another process of ours may have been faster; a file of that name is a mistake.
          if (!Files.isDirectory(wanted)) {
            throw e;
          }
        }
      }
      Path real = wanted.toRealPath();
      requireOwner(real, ourUid());
      Files.setPosixFilePermissions(real, mode(mode));
      return real;
    } catch (AccessDeniedException e) {
      throw new BackingException(Problem.OTHER_OWNER, "The folder " + wanted + " is not open to this user (uid "
          + ourUid() + "): " + e.getMessage() + ". Choose another folder, or start as the user who owns it.", e);
    } catch (IOException e) {
      throw BackingException.of("Creating the folder " + wanted, e);
    }
  }

  static void requireOwner(Path path, int uid) throws IOException {
    int found = owner(path);
    if (found != uid) {
      throw new BackingException(Problem.OTHER_OWNER, "The folder " + path + " belongs to another user (uid " + found
          + ", we are uid " + ourUid() + "). Choose another folder, or start as the user who owns it.");
    }
  }

  static String newSecret() {
    byte[] secret = new byte[SECRET_BYTES];
    RANDOM.nextBytes(secret);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(secret);
  }

  /// Writes a file that only we may read; it is there completely or not at all.
  static void write(Path file, String content) throws IOException {
    Path half = Files.createTempFile(parent(file), "." + file.getFileName(), ".tmp",
        PosixFilePermissions.asFileAttribute(mode("rw-------")));
    try {
      Files.writeString(half, content);
      sync(half);
      Files.move(half, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      sync(parent(file));
    } finally {
      Files.deleteIfExists(half);
    }
  }

  /// Returns when the content of a file, or the names in a folder, would survive a power failure.
  static void sync(Path path) throws IOException {
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  static @Nullable String read(Path file) throws IOException {
    try {
      return Files.readString(file, StandardCharsets.UTF_8).strip();
    } catch (NoSuchFileException _) {
      return null;
    }
  }

  static void delete(Path folder) throws IOException {
    if (!Files.exists(folder, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    Files.walkFileTree(folder, new SimpleFileVisitor<>() {
      @Override
      public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
        Files.deleteIfExists(file);
        return FileVisitResult.CONTINUE;
      }

      @Override
      public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
        // A server that ends deletes files of its own.
        if (e instanceof NoSuchFileException) {
          return FileVisitResult.CONTINUE;
        }
        throw e;
      }

      @Override
      public FileVisitResult postVisitDirectory(Path visited, @Nullable IOException e) throws IOException {
        if (e != null) {
          throw e;
        }
        Files.deleteIfExists(visited);
        return FileVisitResult.CONTINUE;
      }
    });
  }

  static void giveTo(Path folder, int uid) throws IOException {
    try (var all = Files.walk(folder)) {
      for (Path path : (Iterable<Path>) all::iterator) {
        Files.setAttribute(path, "unix:uid", uid, LinkOption.NOFOLLOW_LINKS);
        Files.setAttribute(path, "unix:gid", uid, LinkOption.NOFOLLOW_LINKS);
      }
    }
  }

  static Path parent(Path path) {
    Path parent = path.toAbsolutePath().getParent();
    if (parent == null) {
      throw new BackingException(Problem.FAILED, path + " cannot be used: choose a folder below it.");
    }
    return parent;
  }
}
