// SPDX-License-Identifier: Apache-2.0
package io.e2relay.protocol.verify;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.record.Labels;
import io.e2relay.protocol.record.Point;
import io.e2relay.protocol.record.Signature;
import java.math.BigInteger;
import java.util.List;
import org.junit.jupiter.api.Test;

final class SignaturesTest {
  private static final ByteString BYTES = ByteString.copyFromUtf8("what is signed");

  private final TestKey key = new TestKey();

  @Test
  void a_signature_holds_under_its_own_name_only() {
    for (String one : Labels.SIGNED) {
      Signature signature = key.sign(one, BYTES);
      for (String other : Labels.SIGNED) {
        assertEquals(one.equals(other), Signatures.verify(key.point(), other, BYTES, signature), one + " " + other);
      }
    }
  }

  @Test
  void impossible_numbers_are_refused_and_never_thrown_over() {
    BigInteger n = TestKey.ORDER;
    BigInteger greatest = BigInteger.ONE.shiftLeft(256).subtract(BigInteger.ONE);
    List<BigInteger> impossible = List.of(BigInteger.ZERO, n, n.add(BigInteger.ONE), P256.P, greatest);
    ByteString good = key.sign("msg", BYTES).bytes();
    for (BigInteger number : impossible) {
      assertFalse(verified(TestKey.number(number).concat(good.substring(32))));
      assertFalse(verified(good.substring(0, 32).concat(TestKey.number(number))));
      assertFalse(verified(TestKey.number(number).concat(TestKey.number(number))));
    }
    assertTrue(verified(good));
  }

  @Test
  void a_key_off_the_curve_signed_nothing() {
    Signature signature = key.sign("msg", BYTES);
    Point off = new Point(ByteString.fromHex("04").concat(TestAccount.bytes(64, 1)));
    assertFalse(Signatures.verify(off, "msg", BYTES, signature));
    assertTrue(Signatures.verify(key.point(), "msg", BYTES, signature));
  }

  @Test
  void what_is_signed_may_be_in_pieces() {
    ByteString long1 = TestAccount.bytes(100_000, 1);
    Signature signature = key.sign("epoch", long1.concat(long1));
    assertTrue(Signatures.verify(key.point(), "epoch", TestAccount.bytes(200_000, 1), signature));
    assertTrue(Signatures.verify(key.point(), "epoch", long1.concat(long1), signature));
  }

  private boolean verified(ByteString signature) {
    return Signatures.verify(key.point(), "msg", BYTES, new Signature(signature));
  }
}
