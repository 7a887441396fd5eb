// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.crypto;

import static io.e2relay.client.crypto.Octets.assertUnreadable;
import static io.e2relay.client.crypto.Octets.flipped;
import static io.e2relay.client.crypto.Octets.times;
import static io.e2relay.client.crypto.Octets.value;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.record.Fault;
import io.e2relay.protocol.record.Reading;
import io.e2relay.protocol.record.SelfBlob;
import io.e2relay.protocol.record.SelfKind;
import org.junit.jupiter.api.Test;

final class SelfSealingTest {
  private static final ByteString CONTENT = ByteString.copyFromUtf8("my phone");

  private final TestUser alice = new TestUser(0xaa);
  private final SelfSealing sealing = new SelfSealing(alice.account);
  private final SelfBlob blob = sealed(5);

  @Test
  void what_one_device_says_the_others_read() {
    assertEquals(CONTENT, value(open(value(SelfBlob.read(blob.bytes())), 5)));
    alice.rotate();
    assertEquals(CONTENT, value(open(blob, 0)), "also with an older key");
  }

  @Test
  void what_is_older_than_what_a_device_remembers_is_refused() {
    assertUnreadable(Fault.ROLLED_BACK, open(blob, 6));
  }

  @Test
  void what_no_device_of_mine_signed_is_refused() {
    TestUser mallory = new TestUser(0xcc);
    SelfBlob forged = new SelfSealing(alice.account).seal(mallory.keys, alice.statement().aek(), SelfKind.VERIFIED, 9,
        CONTENT);
    assertUnreadable(Fault.BAD_SIGNATURE, open(forged, 0));
  }

  @Test
  void a_blob_that_is_shown_as_another_one_is_refused() {
    SelfBlob relabelled = new SelfBlob(SelfKind.LABELS, blob.counter(), blob.wrap(), blob.sealed(), blob.signature());
    SelfBlob renumbered = new SelfBlob(blob.kind(), 99, blob.wrap(), blob.sealed(), blob.signature());
    assertUnreadable(Fault.BAD_SIGNATURE, open(relabelled, 0));
    assertUnreadable(Fault.BAD_SIGNATURE, open(renumbered, 0));
    assertUnreadable(Fault.BAD_SIGNATURE,
        open(new SelfBlob(blob.kind(), 5, flipped(blob.wrap(), 80), blob.sealed(), blob.signature()), 0));
  }

  @Test
  void somebody_elses_key_does_not_open_it() {
    assertUnreadable(Fault.CANNOT_OPEN,
        sealing.open(blob, alice.statement(), new TestUser(0xbb).generations.values(), 0));
  }

  @Test
  void the_longest_content_fits() {
    ByteString longest = times(1, 262_140);
    SelfBlob sealed = sealing.seal(alice.keys, alice.statement().aek(), SelfKind.HEADS, 1, longest);
    assertEquals(longest, value(open(sealed, 1)));
  }

  private SelfBlob sealed(long counter) {
    return sealing.seal(alice.keys, alice.statement().aek(), SelfKind.VERIFIED, counter, CONTENT);
  }

  private Reading<ByteString> open(SelfBlob what, long remembered) {
    return sealing.open(what, alice.statement(), alice.generations.values(), remembered);
  }
}
