// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.crypto;

import static io.e2relay.client.crypto.Octets.assertUnreadable;
import static io.e2relay.client.crypto.Octets.flipped;
import static io.e2relay.client.crypto.Octets.times;
import static io.e2relay.client.crypto.Octets.value;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.id.ConversationId;
import io.e2relay.protocol.id.DeviceId;
import io.e2relay.protocol.id.Epoch;
import io.e2relay.protocol.id.TenantId;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.record.Fault;
import io.e2relay.protocol.record.Hash;
import io.e2relay.protocol.record.Point;
import io.e2relay.protocol.record.SelfKind;
import java.util.List;
import org.junit.jupiter.api.Test;

final class WrappingTest {
  private static final TenantId TENANT = new TenantId(times(0x7e, 16));
  private static final Uid UID = new Uid(times(0xbb, 16));
  private static final DeviceId DEVICE = new DeviceId(times(0xd1, 16));
  private static final ConversationId CONVERSATION = new ConversationId(times(0xc0, 32));
  private static final Hash HASH = new Hash(times(0xe0, 32));
  private static final Epoch EPOCH = new Epoch(7);
  private static final AgreementKey TO = AgreementKey.generate();
  private static final SymmetricKey KEY = SymmetricKey.generate();
  private static final Wrapping.ConversationWrap FOR_EPOCH = new Wrapping.ConversationWrap(CONVERSATION, EPOCH, UID, 3,
      HASH);
  private static final Wrapping.DeviceWrap FOR_DEVICE = new Wrapping.DeviceWrap(TENANT, UID, DEVICE, 3, HASH);
  private static final Wrapping.AccountWrap FOR_ACCOUNT = new Wrapping.AccountWrap(TENANT, UID, DEVICE, HASH);
  private static final Wrapping.SelfWrap FOR_SELF = new Wrapping.SelfWrap(TENANT, UID, SelfKind.HEADS, 9);

  @Test
  void each_kind_of_wrap_opens_for_what_it_was_made() {
    ByteString conversation = Wrapping.wrap(KEY, TO.publicKey(), FOR_EPOCH);
    assertEquals(KEY, value(Wrapping.unwrap(TO, FOR_EPOCH, conversation)));
    assertEquals(113, conversation.size());
    AgreementKey aek = AgreementKey.generate();
    ByteString device = Wrapping.wrap(aek, TO.publicKey(), FOR_DEVICE);
    assertEquals(aek.serialised(), value(Wrapping.unwrap(TO, FOR_DEVICE, aek.publicKey(), device)).serialised());
    assertEquals(177, device.size());
    SigningKey ark = SigningKey.generate();
    ByteString account = Wrapping.wrap(ark, TO.publicKey(), FOR_ACCOUNT);
    assertEquals(ark.serialised(), value(Wrapping.unwrap(TO, FOR_ACCOUNT, ark.publicKey(), account)).serialised());
    assertEquals(177, account.size());
    ByteString self = Wrapping.wrap(KEY, TO.publicKey(), FOR_SELF);
    assertEquals(KEY, value(Wrapping.unwrap(TO, FOR_SELF, self)));
    assertEquals(113, self.size());
  }

  @Test
  void one_bit_turned_anywhere_gives_the_same_answer() {
    ByteString wrapped = Wrapping.wrap(KEY, TO.publicKey(), FOR_EPOCH);
    assertEquals(KEY, value(Wrapping.unwrap(TO, FOR_EPOCH, wrapped)));
    for (int at = 0; at < wrapped.size(); at++) {
      assertUnreadable(Fault.CANNOT_OPEN, Wrapping.unwrap(TO, FOR_EPOCH, flipped(wrapped, at)));
      assertUnreadable(Fault.CANNOT_OPEN, Wrapping.unwrap(TO, FOR_EPOCH, wrapped.substring(0, at)));
    }
    assertUnreadable(Fault.CANNOT_OPEN, Wrapping.unwrap(TO, FOR_EPOCH, wrapped.concat(times(0, 1))));
    IO.println("shown: unwrap-damage flipped=" + wrapped.size() + " cut=" + wrapped.size() + " faults=CANNOT_OPEN");
  }

  @Test
  void a_wrap_for_anything_else_does_not_open() {
    ByteString wrapped = Wrapping.wrap(KEY, TO.publicKey(), FOR_EPOCH);
    List<Wrapping.ConversationWrap> others = List.of(
        new Wrapping.ConversationWrap(new ConversationId(times(0xc1, 32)), EPOCH, UID, 3, HASH),
        new Wrapping.ConversationWrap(CONVERSATION, EPOCH.next(), UID, 3, HASH),
        new Wrapping.ConversationWrap(CONVERSATION, EPOCH, new Uid(times(0xba, 16)), 3, HASH),
        new Wrapping.ConversationWrap(CONVERSATION, EPOCH, UID, 4, HASH),
        new Wrapping.ConversationWrap(CONVERSATION, EPOCH, UID, 3, new Hash(times(0xe1, 32))));
    others.forEach(other -> assertUnreadable(Fault.CANNOT_OPEN, Wrapping.unwrap(TO, other, wrapped)));
    assertUnreadable(Fault.CANNOT_OPEN, Wrapping.unwrap(TO, FOR_SELF, wrapped));
    assertUnreadable(Fault.CANNOT_OPEN, Wrapping.unwrap(AgreementKey.generate(), FOR_EPOCH, wrapped));
  }

  @Test
  void a_private_key_that_is_not_the_one_expected_is_a_mismatch() {
    AgreementKey aek = AgreementKey.generate();
    Point other = AgreementKey.generate().publicKey();
    ByteString device = Wrapping.wrap(aek, TO.publicKey(), FOR_DEVICE);
    assertUnreadable(Fault.KEY_MISMATCH, Wrapping.unwrap(TO, FOR_DEVICE, other, device));
    SigningKey ark = SigningKey.generate();
    ByteString account = Wrapping.wrap(ark, TO.publicKey(), FOR_ACCOUNT);
    assertUnreadable(Fault.KEY_MISMATCH, Wrapping.unwrap(TO, FOR_ACCOUNT, other, account));
    // One kind is not taken for the other, though the content has the same form.
    assertUnreadable(Fault.CANNOT_OPEN, Wrapping.unwrap(TO, FOR_DEVICE, ark.publicKey(), account));
  }

  @Test
  void a_wrapped_key_of_zeros_or_of_another_length_does_not_open() {
    for (ByteString content : new ByteString[]{times(0, 32), times(1, 31), times(1, 96), ByteString.EMPTY}) {
      ByteString info = Joined.label("e2r/1/self-wrap").bytes(TENANT.bytes()).bytes(UID.bytes()).u8(1).u64(9)
          .bytes(Hash.of(TO.publicKey().bytes()).bytes()).toByteString();
      ByteString wrapped = Hpke.wrap(Randomness.SECURE, TO.publicKey(), info, ByteString.EMPTY, content);
      assertEquals(content, value(Hpke.unwrap(TO, info, ByteString.EMPTY, wrapped)));
      assertUnreadable(Fault.CANNOT_OPEN, Wrapping.unwrap(TO, FOR_SELF, wrapped));
    }
  }

  @Test
  void nothing_is_wrapped_to_a_point_off_the_curve() {
    Point off = new Point(flipped(TO.publicKey().bytes(), 64));
    Exception refusal = assertThrows(IllegalArgumentException.class, () -> Wrapping.wrap(KEY, off, FOR_EPOCH));
    assertEquals("INVALID_POINT", refusal.getMessage());
  }

  @Test
  void an_encapsulated_key_in_any_other_form_does_not_open() {
    ByteString wrapped = Wrapping.wrap(KEY, TO.publicKey(), FOR_EPOCH);
    ByteString hybrid = ByteString.copyFrom(new byte[]{(byte) (6 + (wrapped.byteAt(64) & 1))})
        .concat(wrapped.substring(1));
    ByteString compressed = ByteString.copyFrom(new byte[]{(byte) (2 + (wrapped.byteAt(64) & 1))})
        .concat(wrapped.substring(1, 33)).concat(wrapped.substring(65));
    assertUnreadable(Fault.CANNOT_OPEN, Wrapping.unwrap(TO, FOR_EPOCH, hybrid));
    assertUnreadable(Fault.CANNOT_OPEN, Wrapping.unwrap(TO, FOR_EPOCH, compressed));
  }
}
