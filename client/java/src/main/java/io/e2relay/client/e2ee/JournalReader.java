// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.e2ee;

import static io.e2relay.client.e2ee.JournalBytes.BEFORE_BYTES;
import static io.e2relay.client.e2ee.JournalBytes.CHECK_BYTES;
import static io.e2relay.client.e2ee.JournalBytes.HEAD_BYTES;
import static io.e2relay.client.e2ee.JournalBytes.MAGIC;
import static io.e2relay.client.e2ee.JournalBytes.START_BYTES;

import com.google.protobuf.ByteString;
import io.e2relay.client.crypto.StateKey;
import io.e2relay.protocol.record.Reading;
import java.util.TreeMap;

/// Reads a journal from its first frame to its last whole one.
///
/// A crash leaves the beginning of a frame, or one whose end was never written and reads as zeros: that one is dropped.
/// Anything else that is wrong is damage.
final class JournalReader {
  // The tag of what is sealed, and the checksum: not all of it zero by chance.
  private static final int LAST_BYTES = 16 + CHECK_BYTES;

  private final StateKey key;
  private final ByteString bytes;

  JournalReader(StateKey key, ByteString bytes) {
    this.key = key;
    this.bytes = bytes;
  }

  /// What is to be done after a look at the place behind the frames so far.
  private sealed interface Step {
    record Next(ByteString changes, int end) implements Step {
    }

    record End() implements Step {
    }

    record Stop(FileVault.Reason reason) implements Step {
    }
  }

  Journal.Reading read() {
    if (!bytes.startsWith(MAGIC) && !MAGIC.startsWith(bytes)) {
      return new Journal.Reading.Refused(FileVault.Reason.FOREIGN);
    }
    if (bytes.size() < START_BYTES
        || !JournalBytes.start(bytes.substring(0, HEAD_BYTES)).equals(bytes.substring(0, START_BYTES))) {
      return new Journal.Reading.Refused(FileVault.Reason.DAMAGED);
    }
    ByteString head = bytes.substring(0, HEAD_BYTES);
    TreeMap<String, ByteString> values = new TreeMap<>();
    long frames = 0;
    int snapshot = START_BYTES;
    int at = START_BYTES;
    while (true) {
      switch (step(head, frames, at)) {
        case Step.Next(ByteString changes, int end) -> {
          VaultFrame.apply(changes, values);
          at = end;
          snapshot = frames == 0 ? at : snapshot;
          frames++;
        }
        case Step.End _ -> {
          return frames == 0
              ? new Journal.Reading.Refused(FileVault.Reason.DAMAGED)
              : new Journal.Reading.Found(
                  new Journal.Content(JournalBytes.generation(head), head, values, frames, snapshot, at));
        }
        case Step.Stop(FileVault.Reason reason) -> {
          return new Journal.Reading.Refused(reason);
        }
      }
    }
  }

  private Step step(ByteString head, long index, int at) {
    ByteString left = bytes.substring(at);
    if (left.size() < BEFORE_BYTES || zeros(left)) {
      return new Step.End();
    }
    ByteString length = left.substring(0, Integer.BYTES);
    if (!length.concat(JournalBytes.check(length)).equals(left.substring(0, BEFORE_BYTES))) {
      return new Step.Stop(FileVault.Reason.DAMAGED);
    }
    int size = length.asReadOnlyByteBuffer().getInt();
    if (size < 0) {
      return new Step.Stop(FileVault.Reason.DAMAGED);
    }
    long end = BEFORE_BYTES + (long) size + CHECK_BYTES;
    if (end > left.size()) {
      return new Step.End();
    }
    ByteString sealed = left.substring(BEFORE_BYTES, (int) end - CHECK_BYTES);
    if (!JournalBytes.check(sealed).equals(left.substring((int) end - CHECK_BYTES, (int) end))) {
      boolean unwritten = end == left.size() && zeros(left.substring(Math.max(0, (int) end - LAST_BYTES)));
      return unwritten ? new Step.End() : new Step.Stop(FileVault.Reason.DAMAGED);
    }
    return switch (key.open(JournalBytes.place(head, index), sealed)) {
      case Reading.Read<ByteString>(ByteString changes) -> new Step.Next(changes, at + (int) end);
      case Reading.Unreadable<ByteString> _ ->
        new Step.Stop(index == 0 ? FileVault.Reason.OTHER_KEY : FileVault.Reason.DAMAGED);
    };
  }

  private static boolean zeros(ByteString bytes) {
    for (int i = 0; i < bytes.size(); i++) {
      if (bytes.byteAt(i) != 0) {
        return false;
      }
    }
    return true;
  }
}
