// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.crypto;

import static io.e2relay.client.crypto.Octets.value;
import static io.e2relay.client.crypto.PublishedFile.hex;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.record.Point;
import io.vertx.core.json.JsonObject;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.bouncycastle.crypto.digests.SHA1Digest;
import org.bouncycastle.crypto.digests.SHAKEDigest;
import org.bouncycastle.crypto.generators.HKDFBytesGenerator;
import org.bouncycastle.crypto.hpke.HPKEContext;
import org.bouncycastle.crypto.hpke.HPKEContextWithEncapsulation;
import org.bouncycastle.crypto.params.HKDFParameters;
import org.junit.jupiter.api.Test;

/// Vectors of other projects, through the code that the product uses.
final class OtherVectorsTest {
  private static final int MESSAGES = 1000;
  private static final int TINK_SEGMENT_BYTES = 64;

  @Test
  void a_thousand_messages_of_rfc_9180_come_out_as_published() throws Exception {
    JsonObject vector = PublishedFile.json("others/hpke-rfc9180-base-p256-aes256gcm.json");
    Point to = P256.point(FixedRandomness.derived(hex(vector, "ikmR")));
    assertEquals(hex(vector, "pkRm"), to.bytes());
    AgreementKey recipient = AgreementKey.generate(FixedRandomness.ephemeral(hex(vector, "ikmR")));
    HPKEContextWithEncapsulation sender = Hpke.sender(FixedRandomness.ephemeral(hex(vector, "ikmE")), to,
        hex(vector, "info"));
    assertEquals(hex(vector, "enc"), ByteString.copyFrom(sender.getEncapsulation()));
    HPKEContext receiver = value(Hpke.recipient(recipient, hex(vector, "enc"), hex(vector, "info")));
    SHAKEDigest drawn = new SHAKEDigest(128);
    SHAKEDigest accumulated = new SHAKEDigest(128);
    for (int i = 0; i < MESSAGES; i++) {
      byte[] aad = draw(drawn);
      byte[] plain = draw(drawn);
      byte[] sealed = sender.seal(aad, plain);
      accumulated.update(sealed, 0, sealed.length);
      assertArrayEquals(plain, receiver.open(aad, sealed));
    }
    byte[] result = new byte[16];
    accumulated.doFinal(result, 0, result.length);
    assertEquals(hex(vector, "accumulated"), ByteString.copyFrom(result));
    IO.println("shown: rfc9180 messages=" + MESSAGES + " accumulated=" + Octets.hex(ByteString.copyFrom(result)));
  }

  @Test
  void the_stream_that_tink_publishes_opens_and_is_made_again() throws IOException {
    JsonObject vector = PublishedFile.json("others/tink-aes-gcm-hkdf-streaming.json");
    ByteString header = new Joined().u8(24).bytes(hex(vector, "salt")).bytes(hex(vector, "nonce_prefix"))
        .toByteString();
    Segments.Stream stream = new Segments.Stream(header, tinkKey(vector), TINK_SEGMENT_BYTES);
    ByteString sealed = header;
    for (Object segment : vector.getJsonArray("segments")) {
      sealed = sealed.concat(Octets.hex((String) segment));
    }
    ByteArrayInputStream input = new ByteArrayInputStream(sealed.substring(header.size()).toByteArray());
    Segments.Opening opening = new Segments.Opening(stream, input);
    ByteArrayOutputStream plain = new ByteArrayOutputStream();
    int segments = 0;
    do {
      assertTrue(opening.next());
      plain.write(opening.plain(), 0, opening.plainLength());
      segments++;
    } while (!opening.atEnd());
    assertEquals(3, segments);
    ByteArrayOutputStream again = new ByteArrayOutputStream();
    Segments.seal(stream, new ByteArrayInputStream(plain.toByteArray()),
        (bytes, length) -> again.write(bytes, 0, length));
    assertEquals(sealed, ByteString.copyFrom(again.toByteArray()));
    IO.println("shown: tink stream segments=3 plain=" + plain.size() + " sealed=" + sealed.size());
  }

  @Test
  void a_stream_of_tink_with_one_bit_turned_does_not_open() throws IOException {
    JsonObject vector = PublishedFile.json("others/tink-aes-gcm-hkdf-streaming.json");
    ByteString header = new Joined().u8(24).bytes(hex(vector, "salt")).bytes(hex(vector, "nonce_prefix"))
        .toByteString();
    byte[] first = Octets.hex(vector.getJsonArray("segments").getString(0)).toByteArray();
    first[7] ^= 1;
    Segments.Stream stream = new Segments.Stream(header, tinkKey(vector), TINK_SEGMENT_BYTES);
    assertFalse(new Segments.Opening(stream, new ByteArrayInputStream(first)).next());
  }

  private static byte[] draw(SHAKEDigest stream) {
    byte[] length = new byte[1];
    stream.doOutput(length, 0, 1);
    byte[] bytes = new byte[length[0] & 0xff];
    stream.doOutput(bytes, 0, bytes.length);
    return bytes;
  }

  /// The vector derives with SHA-1, which nothing of ours does.
  private static ByteString tinkKey(JsonObject vector) {
    HKDFBytesGenerator hkdf = new HKDFBytesGenerator(new SHA1Digest());
    hkdf.init(new HKDFParameters(hex(vector, "ikm").toByteArray(), hex(vector, "salt").toByteArray(),
        vector.getString("associated_data_utf8").getBytes(StandardCharsets.UTF_8)));
    byte[] key = new byte[16];
    hkdf.generateBytes(key, 0, key.length);
    return ByteString.copyFrom(key);
  }
}
