// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.crypto;

import static io.e2relay.client.crypto.Octets.assertUnreadable;
import static io.e2relay.client.crypto.Octets.flipped;
import static io.e2relay.client.crypto.Octets.times;
import static io.e2relay.client.crypto.Octets.value;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.record.Fault;
import io.e2relay.protocol.record.Labels;
import io.e2relay.protocol.record.Point;
import io.e2relay.protocol.record.Signature;
import io.e2relay.protocol.verify.Points;
import io.e2relay.protocol.verify.Signatures;
import org.junit.jupiter.api.Test;

final class KeysTest {
  private static final SigningKey SIGNING = SigningKey.generate();
  private static final AgreementKey AGREEMENT = AgreementKey.generate();
  // The order of the curve.
  private static final ByteString N = Octets.hex("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551");

  @Test
  void what_is_signed_under_a_name_verifies_under_that_name_only() {
    ByteString bytes = times(0x70, 100);
    for (String name : Labels.SIGNED) {
      Signature signature = SIGNING.sign(name, bytes);
      for (String other : Labels.SIGNED) {
        assertEquals(name.equals(other), Signatures.verify(SIGNING.publicKey(), other, bytes, signature));
      }
    }
    assertFalse(Signatures.verify(SigningKey.generate().publicKey(), "msg", bytes, SIGNING.sign("msg", bytes)));
    assertThrows(IllegalArgumentException.class, () -> SIGNING.sign("anything", bytes));
  }

  @Test
  void a_private_key_comes_back_from_its_bytes() {
    SigningKey signing = value(SigningKey.read(SIGNING.serialised(), SIGNING.publicKey()));
    Signature signature = signing.sign("auth", times(1, 3));
    assertTrue(Signatures.verify(SIGNING.publicKey(), "auth", times(1, 3), signature));
    AgreementKey agreement = value(AgreementKey.read(AGREEMENT.serialised(), AGREEMENT.publicKey()));
    AgreementKey other = AgreementKey.generate();
    assertArrayEquals(value(other.agree(agreement.publicKey().bytes())),
        value(agreement.agree(other.publicKey().bytes())));
    assertEquals(96, AGREEMENT.serialised().size());
    assertTrue(Points.isOnCurve(AGREEMENT.publicKey()) && Points.isOnCurve(SIGNING.publicKey()));
  }

  @Test
  void a_private_key_with_any_byte_altered_is_a_mismatch() {
    for (int at = 0; at < 96; at++) {
      assertUnreadable(Fault.KEY_MISMATCH, SigningKey.read(flipped(SIGNING.serialised(), at), SIGNING.publicKey()));
      assertUnreadable(Fault.KEY_MISMATCH,
          AgreementKey.read(flipped(AGREEMENT.serialised(), at), AGREEMENT.publicKey()));
    }
  }

  @Test
  void a_private_key_of_another_public_key_is_a_mismatch() {
    AgreementKey other = AgreementKey.generate();
    assertUnreadable(Fault.KEY_MISMATCH, AgreementKey.read(other.serialised(), AGREEMENT.publicKey()));
    ByteString spliced = other.serialised().substring(0, 32).concat(AGREEMENT.serialised().substring(32));
    assertUnreadable(Fault.KEY_MISMATCH, AgreementKey.read(spliced, AGREEMENT.publicKey()));
    assertUnreadable(Fault.KEY_MISMATCH, SigningKey.read(spliced, AGREEMENT.publicKey()));
  }

  @Test
  void a_private_key_out_of_range_or_of_another_length_is_a_mismatch() {
    ByteString xy = AGREEMENT.serialised().substring(32);
    for (ByteString d : new ByteString[]{times(0, 32), N, times(0xff, 32)}) {
      assertUnreadable(Fault.KEY_MISMATCH, AgreementKey.read(d.concat(xy), AGREEMENT.publicKey()));
      assertUnreadable(Fault.KEY_MISMATCH, SigningKey.read(d.concat(xy), AGREEMENT.publicKey()));
    }
    ByteString whole = AGREEMENT.serialised();
    for (ByteString bytes : new ByteString[]{ByteString.EMPTY, whole.substring(0, 95), whole.concat(times(0, 1))}) {
      assertUnreadable(Fault.KEY_MISMATCH, AgreementKey.read(bytes, AGREEMENT.publicKey()));
    }
  }

  @Test
  void a_private_key_for_a_point_off_the_curve_is_a_mismatch() {
    Point off = new Point(flipped(AGREEMENT.publicKey().bytes(), 64));
    ByteString bytes = AGREEMENT.serialised().substring(0, 32).concat(off.bytes().substring(1));
    assertUnreadable(Fault.KEY_MISMATCH, AgreementKey.read(bytes, off));
    assertUnreadable(Fault.KEY_MISMATCH, SigningKey.read(bytes, off));
  }

  @Test
  void a_point_in_any_other_form_is_refused_before_it_is_used() {
    ByteString point = AgreementKey.generate().publicKey().bytes();
    assertEquals(32, value(AGREEMENT.agree(point)).length);
    ByteString compressed = ByteString.copyFrom(new byte[]{(byte) (2 + (point.byteAt(64) & 1))})
        .concat(point.substring(1, 33));
    ByteString hybrid = ByteString.copyFrom(new byte[]{(byte) (6 + (point.byteAt(64) & 1))}).concat(point.substring(1));
    ByteString infinity = times(0, 1);
    for (ByteString bytes : new ByteString[]{compressed, hybrid, infinity, point.concat(times(0, 1)),
        point.substring(0, 64), ByteString.EMPTY}) {
      assertUnreadable(Fault.MALFORMED_POINT, AGREEMENT.agree(bytes));
    }
    assertUnreadable(Fault.INVALID_POINT, AGREEMENT.agree(flipped(point, 64)));
    assertUnreadable(Fault.INVALID_POINT, AGREEMENT.agree(times(4, 1).concat(times(0, 64))));
    assertUnreadable(Fault.INVALID_POINT, AGREEMENT.agree(times(4, 1).concat(times(0xff, 64))));
  }
}
