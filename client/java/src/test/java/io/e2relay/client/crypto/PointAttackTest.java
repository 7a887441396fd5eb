// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.crypto;

import static io.e2relay.client.crypto.Octets.assertUnreadable;
import static io.e2relay.client.crypto.Octets.times;
import static io.e2relay.client.crypto.Octets.value;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.e2relay.client.crypto.Wrapping.ConversationWrap;
import io.e2relay.protocol.id.ConversationId;
import io.e2relay.protocol.id.Epoch;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.record.AccountRecord;
import io.e2relay.protocol.record.Fault;
import io.e2relay.protocol.record.Hash;
import io.e2relay.protocol.record.Point;
import io.e2relay.protocol.record.Reading;
import io.e2relay.protocol.verify.AccountChain;
import io.e2relay.protocol.verify.Signatures;
import io.e2relay.protocol.verify.Verdict;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Public keys that are none, on every way in: they would tell something about the private key they meet.
final class PointAttackTest {
  private static final ConversationWrap WHAT = new ConversationWrap(new ConversationId(times(0xc0, 32)), new Epoch(7),
      new Uid(times(0xaa, 16)), 1, new Hash(times(0xe0, 32)));
  /// Where an AccountRecord with one device has its points.
  private static final int[] PLACES = {76, 145, 227, 292};

  private final TestUser alice = new TestUser(0xaa);
  private final SymmetricKey key = SymmetricKey.generate();
  private final List<ByteString> off = offTheCurve();
  private final List<ByteString> malformed = malformed(alice.statement().aek().bytes());

  @Test
  void nothing_is_wrapped_to_a_point_that_is_none() {
    for (ByteString point : off) {
      assertThrows(IllegalArgumentException.class, () -> Wrapping.wrap(key, new Point(point), WHAT));
    }
    for (ByteString point : malformed) {
      assertThrows(IllegalArgumentException.class, () -> new Point(point));
    }
    assertEquals(113, Wrapping.wrap(key, alice.statement().aek(), WHAT).size());
  }

  @Test
  void no_wrap_with_such_a_key_in_it_opens() {
    AgreementKey aek = alice.aek();
    ByteString good = Wrapping.wrap(key, aek.publicKey(), WHAT);
    assertEquals(key, value(Wrapping.unwrap(aek, WHAT, good)));
    for (ByteString point : off) {
      assertUnreadable(Fault.CANNOT_OPEN, Wrapping.unwrap(aek, WHAT, point.concat(good.substring(65))));
      assertUnreadable(Fault.INVALID_POINT, aek.agree(point));
    }
    for (ByteString point : malformed) {
      assertUnreadable(Fault.CANNOT_OPEN, Wrapping.unwrap(aek, WHAT, point.concat(good.substring(65))));
      assertUnreadable(Fault.MALFORMED_POINT, aek.agree(point));
    }
  }

  @Test
  void no_record_with_such_a_key_in_it_is_believed() {
    ByteString good = alice.record().bytes();
    assertEquals(Verdict.VALID, AccountChain.alone(value(AccountRecord.read(good))));
    int refused = 0;
    for (int place : PLACES) {
      for (ByteString point : off) {
        Reading<AccountRecord> read = AccountRecord.read(replaced(good, place, point));
        assertEquals(new Verdict.Invalid(Fault.INVALID_POINT), AccountChain.alone(value(read)));
        refused++;
      }
      for (ByteString point : malformed) {
        if (point.size() == Point.BYTES) {
          assertUnreadable(Fault.MALFORMED_POINT, AccountRecord.read(replaced(good, place, point)));
          refused++;
        }
      }
    }
    IO.println("shown: invalid-points off_curve=%d malformed=%d in_records_refused=%d".formatted(off.size(),
        malformed.size(), refused));
  }

  @Test
  void no_signature_of_such_a_key_holds() {
    var signature = alice.keys.signing().sign("msg", times(1, 9));
    assertTrue(Signatures.verify(alice.keys.signing().publicKey(), "msg", times(1, 9), signature));
    for (ByteString point : off) {
      assertFalse(Signatures.verify(new Point(point), "msg", times(1, 9), signature));
    }
  }

  /// A service that alters a private key it stores, to learn it from what the client does then.
  @Test
  void an_altered_private_key_is_refused_before_it_is_used() {
    AgreementKey aek = alice.aek();
    ByteString serialised = aek.serialised();
    assertEquals(aek.publicKey(), value(AgreementKey.read(serialised, aek.publicKey())).publicKey());
    for (int at = 0; at < serialised.size(); at++) {
      assertUnreadable(Fault.KEY_MISMATCH, AgreementKey.read(Octets.flipped(serialised, at), aek.publicKey()));
      assertUnreadable(Fault.KEY_MISMATCH, SigningKey.read(Octets.flipped(serialised, at), aek.publicKey()));
    }
    AgreementKey other = AgreementKey.generate();
    assertUnreadable(Fault.KEY_MISMATCH, AgreementKey.read(other.serialised(), aek.publicKey()));
    ByteString mixed = other.serialised().substring(0, 32).concat(serialised.substring(32));
    assertUnreadable(Fault.KEY_MISMATCH, AgreementKey.read(mixed, aek.publicKey()));
    IO.println("shown: altered-private-keys bytes=%d accepted=0".formatted(serialised.size()));
  }

  private static ByteString replaced(ByteString bytes, int at, ByteString by) {
    return bytes.substring(0, at).concat(by).concat(bytes.substring(at + by.size()));
  }

  /// The public keys of Wycheproof's attacks that have the form of one, and some more.
  private static List<ByteString> offTheCurve() {
    List<ByteString> points = new ArrayList<>(List.of(times(4, 1).concat(times(0, 64)),
        times(4, 1).concat(times(0xff, 64)), times(4, 1).concat(times(1, 64))));
    PublishedFile.wycheproof("ecdh_secp256r1_webcrypto_test.json").forEach(test -> {
      if (test.getJsonArray("flags").contains("InvalidCurveAttack")) {
        var jwk = test.getJsonObject("public");
        points.add(times(4, 1).concat(coordinate(jwk.getString("x"))).concat(coordinate(jwk.getString("y"))));
      }
    });
    assertEquals(19, points.size());
    return points.stream().filter(point -> point.size() == Point.BYTES).toList();
  }

  private static ByteString coordinate(String base64) {
    return ByteString.copyFrom(Base64.getUrlDecoder().decode(base64));
  }

  /// Compressed, hybrid, infinity, and of another length.
  private static List<ByteString> malformed(ByteString good) {
    ByteString rest = good.substring(1);
    return List.of(times(2, 1).concat(rest.substring(0, 32)), times(3, 1).concat(rest.substring(0, 32)),
        times(6, 1).concat(rest), times(7, 1).concat(rest), times(0, 1).concat(rest), times(2, 1).concat(rest),
        times(0, 1), times(0, 65), good.substring(0, 64), good.concat(times(0, 1)), ByteString.EMPTY);
  }
}
