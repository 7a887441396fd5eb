// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.crypto;

import static io.e2relay.client.crypto.Octets.assertUnreadable;
import static io.e2relay.client.crypto.Octets.flipped;
import static io.e2relay.client.crypto.Octets.times;
import static io.e2relay.client.crypto.Octets.value;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.record.Fault;
import io.e2relay.protocol.record.Padding;
import org.junit.jupiter.api.Test;

final class PaddedContentTest {
  @Test
  void content_comes_back_from_its_padding() {
    for (int length : new int[]{0, 1, 251, 252, 253, 1000, 65_531, 65_532}) {
      ByteString padded = PaddedContent.pad(times(7, length), Padding.MESSAGE_MAX);
      assertEquals(Padding.size(4 + length), padded.size());
      assertEquals(times(7, length), value(PaddedContent.unpad(padded)));
    }
  }

  @Test
  void content_that_does_not_fit_is_refused() {
    assertThrows(IllegalArgumentException.class, () -> PaddedContent.pad(times(7, 65_533), Padding.MESSAGE_MAX));
    assertEquals(Padding.SELF_MAX, PaddedContent.pad(times(7, 262_140), Padding.SELF_MAX).size());
    assertThrows(IllegalArgumentException.class, () -> PaddedContent.pad(times(7, 262_141), Padding.SELF_MAX));
  }

  @Test
  void whatever_is_padded_otherwise_is_bad_padding() {
    ByteString padded = PaddedContent.pad(times(7, 100), Padding.MESSAGE_MAX);
    assertEquals(times(7, 100), value(PaddedContent.unpad(padded)));
    for (int at = 104; at < padded.size(); at++) {
      assertUnreadable(Fault.BAD_PADDING, PaddedContent.unpad(flipped(padded, at)));
    }
    assertUnreadable(Fault.BAD_PADDING, PaddedContent.unpad(padded.substring(0, 255)));
    assertUnreadable(Fault.BAD_PADDING, PaddedContent.unpad(padded.concat(times(0, 1))));
    assertUnreadable(Fault.BAD_PADDING, PaddedContent.unpad(padded.concat(times(0, 16))));
    assertUnreadable(Fault.BAD_PADDING, PaddedContent.unpad(ByteString.EMPTY));
    for (long length : new long[]{253, 257, 0x7fff_ffffL, 0x8000_0000L, 0xffff_ffffL}) {
      ByteString lying = new Joined().u32(length).bytes(times(0, 252)).toByteString();
      assertUnreadable(Fault.BAD_PADDING, PaddedContent.unpad(lying));
    }
  }
}
