// SPDX-License-Identifier: Apache-2.0
package io.e2relay.protocol.id;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

final class IdsTest {
  private static final byte[] TENANT = HexFormat.of().parseHex("000102030405060708090a0b0c0d0e0f");

  record Type(String name, int bytes, Function<ByteString, Record> make) {
    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Type> types() {
    return Stream.of(new Type("ConversationId", 32, ConversationId::new), new Type("Uid", 16, Uid::new),
        new Type("DeviceId", 16, DeviceId::new), new Type("MsgId", 16, MsgId::new),
        new Type("TenantId", 16, TenantId::new));
  }

  /// Computed once by other means (Python's hashlib), and here a second time by the definition.
  @ParameterizedTest
  @CsvSource({"alice,2a3233186be8fc720f8169fa5fed9565", "Zo\u00eb \u2615,342014076bf06164b666efbfd4e0f9f0",
      "'',2ab0b0092738d9850394c8669ed09514"})
  void a_uid_is_the_hash_of_label_tenant_and_name(String subject, String uid) throws Exception {
    ByteString expected = ByteString.copyFrom(HexFormat.of().parseHex(uid));
    assertEquals(expected, Ids.uid(tenant(), subject).bytes());

    byte[] name = subject.getBytes(StandardCharsets.UTF_8);
    ByteBuffer hashed = ByteBuffer.allocate(1 + 9 + 16 + 2 + name.length).put((byte) 9)
        .put("e2r/1/uid".getBytes(StandardCharsets.US_ASCII)).put(TENANT).putShort((short) name.length).put(name);
    byte[] hash = MessageDigest.getInstance("SHA-256").digest(hashed.array());
    assertEquals(expected, ByteString.copyFrom(Arrays.copyOf(hash, 16)));
  }

  @Test
  void the_same_name_in_another_tenant_is_another_user() {
    TenantId other = new TenantId(ByteString.copyFrom(new byte[16]));
    assertNotEquals(Ids.uid(tenant(), "alice"), Ids.uid(other, "alice"));
  }

  @Test
  void a_name_has_at_most_65535_bytes() {
    assertEquals(16, Ids.uid(tenant(), "a".repeat(65_535)).bytes().size());
    assertThrows(IllegalArgumentException.class, () -> Ids.uid(tenant(), "a".repeat(65_536)));
  }

  @Test
  void a_name_that_is_no_text_has_no_uid_because_it_would_be_that_of_another() {
    assertEquals(16, Ids.uid(tenant(), "\ud83d\ude00").bytes().size());
    assertThrows(IllegalArgumentException.class, () -> Ids.uid(tenant(), "\ud83d"));
  }

  @ParameterizedTest
  @MethodSource("types")
  void an_id_has_exactly_its_length(Type type) {
    assertEquals(type.make().apply(zeros(type.bytes())), type.make().apply(zeros(type.bytes())));
    for (int wrong : new int[]{0, type.bytes() - 1, type.bytes() + 1}) {
      var refused = assertThrows(IllegalArgumentException.class, () -> type.make().apply(zeros(wrong)));
      assertEquals(type.name() + " has " + type.bytes() + " bytes, not " + wrong, refused.getMessage());
    }
  }

  @ParameterizedTest
  @MethodSource("types")
  void an_id_prints_as_a_pseudonym_that_is_the_same_for_the_same_id_only(Type type) {
    String printed = type.make().apply(zeros(type.bytes())).toString();
    assertTrue(printed.matches(type.name() + "#[0-9a-f]{8}"), printed);
    assertFalse(printed.contains("00000000"), "the bytes themselves do not show");
    assertEquals(printed, type.make().apply(zeros(type.bytes())).toString());
    byte[] other = new byte[type.bytes()];
    other[0] = 1;
    assertNotEquals(printed, type.make().apply(ByteString.copyFrom(other)).toString());
  }

  @Test
  void epochs_start_at_one() {
    assertEquals(new Epoch(2), Epoch.FIRST.next());
    assertThrows(IllegalArgumentException.class, () -> new Epoch(0));
  }

  private static TenantId tenant() {
    return new TenantId(ByteString.copyFrom(TENANT));
  }

  private static ByteString zeros(int bytes) {
    return ByteString.copyFrom(new byte[bytes]);
  }
}
