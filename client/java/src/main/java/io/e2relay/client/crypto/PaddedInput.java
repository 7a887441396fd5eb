// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.crypto;

import io.e2relay.protocol.record.Padding;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

/// A file, and zeros behind it up to the size that it is shown to have.
final class PaddedInput extends InputStream {
  private final InputStream file;
  private long size;
  private long zeros = -1;

  PaddedInput(InputStream file) {
    this.file = file;
  }

  /// Of the file, when it was read to its end.
  long size() {
    return size;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] bytes, int from, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    if (zeros < 0) {
      int read = file.read(bytes, from, length);
      if (read >= 0) {
        size += read;
        return read;
      }
      zeros = Padding.size(size) - size;
    }
    int read = (int) Math.min(zeros, length);
    Arrays.fill(bytes, from, from + read, (byte) 0);
    zeros -= read;
    return read == 0 ? -1 : read;
  }
}
