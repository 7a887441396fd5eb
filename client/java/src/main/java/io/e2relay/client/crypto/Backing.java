// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.crypto;

import com.google.protobuf.ByteOutput;
import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/// The array in which bytes already are, to be read from and never written to: copying a large message costs a fifth of
/// sealing it.
final class Backing extends ByteOutput {
  private byte @Nullable [] array;
  private int offset;
  private int length;

  private Backing() {
  }

  static Backing of(ByteString bytes) {
    Backing backing = new Backing();
    try {
      UnsafeByteOperations.unsafeWriteTo(bytes, backing);
    } catch (IOException e) {
      throw new IllegalStateException("nothing is written anywhere", e);
    }
    if (backing.array == null || backing.length != bytes.size()) {
      // They are in several arrays, or in none.
      backing.array = bytes.toByteArray();
      backing.offset = 0;
    }
    return backing;
  }

  byte[] array() {
    return array == null ? new byte[0] : array;
  }

  int offset() {
    return offset;
  }

  @Override
  public void writeLazy(byte[] value, int from, int count) {
    array = value;
    offset = from;
    length = count;
  }

  @Override
  public void write(byte[] value, int from, int count) {
    length = -1;
  }

  @Override
  public void write(byte value) {
    length = -1;
  }

  @Override
  public void write(ByteBuffer value) {
    length = -1;
  }

  @Override
  public void writeLazy(ByteBuffer value) {
    length = -1;
  }
}
