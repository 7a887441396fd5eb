// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.crypto;

import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.List;
import javax.crypto.Cipher;
import javax.crypto.spec.SecretKeySpec;

/// One AES-GCM ciphertext that is authentic under as many keys as one likes: with k keys, k blocks are chosen such that
/// every key finds the tag right. Known since 2017; it is why sealing commits to its key.
final class Salamander {
  /// A key of AES-GCM with the nonce that goes with it.
  record Key(ByteString key, ByteString nonce) {
    GaloisElement hashKey() {
      return GaloisElement.of(aes(new byte[16]));
    }

    GaloisElement mask() {
      return GaloisElement.of(aes(ByteBuffer.allocate(16).put(nonce.toByteArray()).putInt(1).array()));
    }

    private byte[] aes(byte[] block) {
      try {
        Cipher cipher = Cipher.getInstance("AES/ECB/NoPadding");
        cipher.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(key.toByteArray(), "AES"));
        return cipher.doFinal(block);
      } catch (GeneralSecurityException e) {
        throw new AssertionError(e);
      }
    }
  }

  private Salamander() {
  }

  /// Ciphertext and tag, of so many blocks (one for each key at least), for additional data that all share.
  static ByteString craft(List<Key> keys, ByteString aad, int blocks) {
    int free = keys.size();
    List<GaloisElement> fixed = new ArrayList<>(blocks(aad));
    int aadBlocks = fixed.size();
    for (int i = free; i < blocks; i++) {
      fixed.add(GaloisElement.of(Octets.times(0x30 + i, 16).toByteArray()));
    }
    GaloisElement lengths = new GaloisElement(8L * aad.size(), 128L * blocks);
    GaloisElement tag = GaloisElement.of(Octets.times(0x77, 16).toByteArray());
    GaloisElement[][] system = new GaloisElement[free][];
    for (int i = 0; i < free; i++) {
      GaloisElement h = keys.get(i).hashKey();
      GaloisElement known = tag.plus(keys.get(i).mask()).plus(lengths.times(h));
      // Horner over what is fixed; the free blocks come last, just before the lengths.
      GaloisElement sum = GaloisElement.ZERO;
      for (GaloisElement block : fixed) {
        sum = sum.plus(block).times(h);
      }
      known = known.plus(sum.times(h.power(free + 1)));
      GaloisElement[] row = new GaloisElement[free + 1];
      GaloisElement power = h.times(h);
      for (int j = free - 1; j >= 0; j--) {
        row[j] = power;
        power = power.times(h);
      }
      row[free] = known;
      system[i] = row;
    }
    ByteString text = ByteString.EMPTY;
    for (GaloisElement block : fixed.subList(aadBlocks, fixed.size())) {
      text = text.concat(ByteString.copyFrom(block.block()));
    }
    for (GaloisElement block : solved(system)) {
      text = text.concat(ByteString.copyFrom(block.block()));
    }
    return text.concat(ByteString.copyFrom(tag.block()));
  }

  private static List<GaloisElement> blocks(ByteString bytes) {
    List<GaloisElement> blocks = new ArrayList<>();
    for (int at = 0; at < bytes.size(); at += 16) {
      byte[] block = new byte[16];
      bytes.substring(at, Math.min(bytes.size(), at + 16)).copyTo(block, 0);
      blocks.add(GaloisElement.of(block));
    }
    return blocks;
  }

  /// Gauss and Jordan.
  private static List<GaloisElement> solved(GaloisElement[][] rows) {
    int size = rows.length;
    for (int column = 0; column < size; column++) {
      int pivot = column;
      while (rows[pivot][column].isZero()) {
        pivot++;
      }
      GaloisElement[] row = rows[pivot];
      rows[pivot] = rows[column];
      rows[column] = row;
      GaloisElement inverse = row[column].inverse();
      for (int i = column; i <= size; i++) {
        row[i] = row[i].times(inverse);
      }
      for (int other = 0; other < size; other++) {
        GaloisElement factor = rows[other][column];
        if (other != column && !factor.isZero()) {
          for (int i = column; i <= size; i++) {
            rows[other][i] = rows[other][i].plus(row[i].times(factor));
          }
        }
      }
    }
    List<GaloisElement> solution = new ArrayList<>();
    for (GaloisElement[] row : rows) {
      solution.add(row[size]);
    }
    return solution;
  }
}
