// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.e2ee;

import com.google.protobuf.ByteString;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/// Changes of a vault as bytes. Whoever reads them has checked before that they are ours.
final class VaultFrame {
  static final int KEY_BYTES_MAX = 512;
  static final int VALUE_BYTES_MAX = 1 << 24;

  private VaultFrame() {
  }

  static ByteString of(Map<String, Optional<ByteString>> changes) {
    ByteString.Output bytes = ByteString.newOutput();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.writeInt(changes.size());
      for (Map.Entry<String, Optional<ByteString>> change : new TreeMap<>(changes).entrySet()) {
        byte[] key = change.getKey().getBytes(StandardCharsets.UTF_8);
        ByteString value = change.getValue().orElse(ByteString.EMPTY);
        if (key.length == 0 || key.length > KEY_BYTES_MAX || value.size() > VALUE_BYTES_MAX) {
          throw new IllegalArgumentException("too large for a vault");
        }
        out.writeShort(key.length);
        out.write(key);
        out.writeBoolean(change.getValue().isPresent());
        out.writeInt(value.size());
        value.writeTo(out);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteString();
  }

  static ByteString of(SortedMap<String, ByteString> everything) {
    Map<String, Optional<ByteString>> changes = new TreeMap<>();
    everything.forEach((key, value) -> changes.put(key, Optional.of(value)));
    return of(changes);
  }

  static void apply(ByteString frame, SortedMap<String, ByteString> values) {
    try (DataInputStream in = new DataInputStream(frame.newInput())) {
      for (int left = in.readInt(); left > 0; left--) {
        String key = new String(in.readNBytes(in.readUnsignedShort()), StandardCharsets.UTF_8);
        boolean present = in.readBoolean();
        ByteString value = ByteString.copyFrom(in.readNBytes(in.readInt()));
        apply(Map.of(key, present ? Optional.of(value) : Optional.empty()), values);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static void apply(Map<String, Optional<ByteString>> changes, SortedMap<String, ByteString> values) {
    changes.forEach((key, value) -> value.ifPresentOrElse(bytes -> values.put(key, bytes), () -> values.remove(key)));
  }
}
