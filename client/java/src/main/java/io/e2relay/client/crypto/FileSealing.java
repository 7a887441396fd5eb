// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.crypto;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.id.ConversationId;
import io.e2relay.protocol.id.Epoch;
import io.e2relay.protocol.record.Fault;
import io.e2relay.protocol.record.Padding;
import io.e2relay.protocol.record.Reading;
import io.e2relay.protocol.verify.Hkdf;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;

/// Seals and opens files of any size, a mebibyte at a time. A stream that cannot be read or written ends in an
/// UncheckedIOException; neither is closed here.
public final class FileSealing {
  static final int SEGMENT_BYTES = 1_048_576;
  private static final int SALT_BYTES = 32;
  private static final int HEADER_BYTES = 1 + SALT_BYTES + Segments.PREFIX_BYTES;
  // From here on it pays to make the JDK's AES fast first.
  private static final long LARGE_BYTES = 8L * SEGMENT_BYTES;

  private FileSealing() {
  }

  /// Where a file is shown: its key is sealed under that epoch's key.
  public record Place(ConversationId conversation, Epoch epoch) {
    private ByteString keyContext(FileId id) {
      return new Joined().bytes(conversation.bytes()).u32(epoch.value()).bytes(id.bytes()).toByteString();
    }

    private Segments.Stream stream(FileId id, SymmetricKey fileKey, ByteString header) {
      ByteString salt = header.substring(1, 1 + SALT_BYTES);
      ByteString info = Joined.label("e2r/1/file").bytes(conversation.bytes()).bytes(id.bytes()).toByteString();
      return new Segments.Stream(header, Hkdf.derive(fileKey.toByteString(), salt, info, SymmetricKey.BYTES),
          SEGMENT_BYTES);
    }
  }

  /// Seals a file into the stream, and gives what the members are told of it.
  public static FileDescriptor seal(SymmetricKey key, Place place, String name, String mime, InputStream plain,
      OutputStream sealed) {
    return seal(Randomness.SECURE, key, place, name, mime, plain, sealed);
  }

  static FileDescriptor seal(Randomness randomness, SymmetricKey key, Place place, String name, String mime,
      InputStream plain, OutputStream sealed) {
    FileId id = new FileId(randomness.bytes(FileId.BYTES));
    SymmetricKey fileKey = SymmetricKey.generate(randomness);
    ByteString wrapped = Sealing.seal(randomness, key, Sealing.Label.FILE_KEY, place.keyContext(id),
        fileKey.toByteString());
    ByteString header = new Joined().u8(HEADER_BYTES).bytes(randomness.bytes(SALT_BYTES))
        .bytes(randomness.bytes(Segments.PREFIX_BYTES)).toByteString();
    PaddedInput padded = new PaddedInput(plain);
    FileRoot root = new FileRoot();
    try {
      Segments.seal(place.stream(id, fileKey, header), padded, (bytes, length) -> {
        root.add(bytes, length);
        sealed.write(bytes, 0, length);
      });
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new FileDescriptor(id, wrapped, padded.size(), root.size(), root.value(), ByteString.copyFromUtf8(name),
        ByteString.copyFromUtf8(mime));
  }

  /// Opens the file that was described. What is written before the answer is not verified as a whole: throw it away
  /// unless the answer is that it was read; without that, the last part of it is missing. CANNOT_OPEN at the first
  /// segment that does not open; when all came, WRONG_ROOT if it is not the file described, then BAD_PADDING.
  public static Reading<FileDescriptor> open(SymmetricKey key, Place place, FileDescriptor descriptor,
      InputStream sealed, OutputStream plain) {
    return switch (fileKey(key, place, descriptor)) {
      case Reading.Unreadable<SymmetricKey>(Fault fault) -> new Reading.Unreadable<>(fault);
      case Reading.Read<SymmetricKey>(SymmetricKey fileKey) -> {
        try {
          ByteString header = ByteString.copyFrom(sealed.readNBytes(HEADER_BYTES));
          if (header.size() < HEADER_BYTES || header.byteAt(0) != HEADER_BYTES) {
            yield new Reading.Unreadable<>(Fault.CANNOT_OPEN);
          }
          Segments.Opening opening = new Segments.Opening(place.stream(descriptor.id(), fileKey, header), sealed);
          yield open(opening, descriptor, plain);
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      }
    };
  }

  private static Reading<SymmetricKey> fileKey(SymmetricKey key, Place place, FileDescriptor descriptor) {
    ByteString context = place.keyContext(descriptor.id());
    return switch (Sealing.open(key, Sealing.Label.FILE_KEY, context, descriptor.wrappedKey())) {
      case Reading.Read<ByteString>(ByteString bytes) -> SymmetricKey.read(bytes);
      case Reading.Unreadable<ByteString>(Fault fault) -> new Reading.Unreadable<>(fault);
    };
  }

  private static Reading<FileDescriptor> open(Segments.Opening opening, FileDescriptor descriptor, OutputStream plain)
      throws IOException {
    if (descriptor.sealedSize() >= LARGE_BYTES) {
      Aead.warmUp();
    }
    FileRoot root = new FileRoot();
    long opened = 0;
    boolean zeros = true;
    byte[] last = new byte[SEGMENT_BYTES];
    int lastLength = 0;
    do {
      if (!opening.next()) {
        return new Reading.Unreadable<>(Fault.CANNOT_OPEN);
      }
      root.add(opening.sealed(), opening.sealedLength());
      // At once: a stream without an end would fill the disk.
      if (root.size() > descriptor.sealedSize()) {
        return new Reading.Unreadable<>(Fault.WRONG_ROOT);
      }
      int length = opening.plainLength();
      int ofFile = (int) Math.min(length, Math.max(0, descriptor.size() - opened));
      zeros &= isZero(opening.plain(), ofFile, length);
      opened += length;
      if (ofFile > 0) {
        plain.write(last, 0, lastLength);
        last = opening.exchange(last);
        lastLength = ofFile;
      }
    } while (!opening.atEnd());
    if (root.size() != descriptor.sealedSize() || !root.value().equals(descriptor.root())) {
      return new Reading.Unreadable<>(Fault.WRONG_ROOT);
    }
    if (!zeros || opened != Padding.size(descriptor.size())) {
      return new Reading.Unreadable<>(Fault.BAD_PADDING);
    }
    plain.write(last, 0, lastLength);
    return new Reading.Read<>(descriptor);
  }

  private static boolean isZero(byte[] bytes, int from, int to) {
    for (int i = from; i < to; i++) {
      if (bytes[i] != 0) {
        return false;
      }
    }
    return true;
  }
}
