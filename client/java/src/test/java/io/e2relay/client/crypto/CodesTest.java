// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.crypto;

import static io.e2relay.client.crypto.Octets.assertUnreadable;
import static io.e2relay.client.crypto.Octets.hex;
import static io.e2relay.client.crypto.Octets.times;
import static io.e2relay.client.crypto.Octets.value;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.id.DeviceId;
import io.e2relay.protocol.id.TenantId;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.record.Fault;
import io.e2relay.protocol.record.Point;
import java.util.Locale;
import org.junit.jupiter.api.Test;

/// What people read aloud, type and compare.
final class CodesTest {
  private static final RecoveryCode CODE = RecoveryCode.of(hex("000102030405060708090a0b0c0d0e0f10111213"));
  private static final String TEXT = CODE.reveal();
  private static final Point ONE = SigningKey.generate().publicKey();
  private static final Point TWO = SigningKey.generate().publicKey();

  @Test
  void a_recovery_code_has_eight_groups_of_four_and_two_check_characters() {
    assertTrue(TEXT.matches("([0-9A-HJKMNP-TV-Z]{4}-){8}[0-9A-HJKMNP-TV-Z]{2}"), TEXT);
    assertTrue(TEXT.startsWith("000G-40R4-0M30-E209-185G-R38E-1W81-24GK-"), TEXT);
    assertEquals(CODE, value(RecoveryCode.read(TEXT)));
  }

  @Test
  void typing_may_differ_in_case_spaces_hyphens_and_letters_that_look_alike() {
    assertEquals(CODE, value(RecoveryCode.read(TEXT.toLowerCase(Locale.ROOT))));
    assertEquals(CODE, value(RecoveryCode.read(TEXT.replace("-", ""))));
    assertEquals(CODE, value(RecoveryCode.read(" " + TEXT.replace("-", " - ") + "  ")));
    assertEquals(CODE, value(RecoveryCode.read(TEXT.replace('0', 'O').replace('1', 'I'))));
    assertEquals(CODE, value(RecoveryCode.read(TEXT.replace('0', 'o').replace('1', 'l'))));
  }

  @Test
  void a_code_with_one_character_wrong_swapped_or_missing_is_refused() {
    String bare = TEXT.replace("-", "");
    assertEquals(CODE, value(RecoveryCode.read(bare)));
    int found = 0;
    int tried = 0;
    for (int at = 0; at < bare.length(); at++) {
      assertUnreadable(Fault.BAD_RECOVERY_CODE, RecoveryCode.read(bare.substring(0, at) + bare.substring(at + 1)));
      for (char c : "0123456789ABCDEFGHJKMNPQRSTVWXYZ".toCharArray()) {
        if (c != bare.charAt(at)) {
          tried++;
          String other = bare.substring(0, at) + c + bare.substring(at + 1);
          found += RecoveryCode.read(other).equals(RecoveryCode.read("")) ? 1 : 0;
        }
      }
    }
    // Ten bits of a hash: about one in 1,024 gets through.
    assertTrue(found >= tried - 6, found + " of " + tried);
    IO.println("shown: recovery-code-typos tried=" + tried + " found=" + found);
  }

  @Test
  void whatever_else_is_typed_is_refused() {
    assertEquals(CODE, value(RecoveryCode.read(TEXT)));
    for (String typed : new String[]{"", "-", TEXT + "0", TEXT.replace('G', 'U'), TEXT + "\n", TEXT.replace("-", "_"),
        TEXT.replace('1', '\u0131'), TEXT.replace('0', '\u0660'), TEXT.replace("-", "\u2010"), TEXT.repeat(100)}) {
      assertUnreadable(Fault.BAD_RECOVERY_CODE, RecoveryCode.read(typed));
    }
  }

  @Test
  void an_enrolment_code_is_that_of_exactly_these_keys() {
    EnrolmentCode code = new EnrolmentCode(new TenantId(times(0x7e, 16)), new Uid(times(0xaa, 16)),
        new DeviceId(times(0xd1, 16)), ONE, TWO);
    assertTrue(code.text().matches("([0-9A-HJKMNP-TV-Z]{4}-){7}[0-9A-HJKMNP-TV-Z]{4}"), code.text());
    assertTrue(code.matches(code.text()));
    assertTrue(code.matches(code.text().toLowerCase(Locale.ROOT).replace("-", "")));
    assertFalse(code.matches(code.text() + "0"));
    assertFalse(code.matches(""));
    assertFalse(code.matches("?"));
    assertNotEquals(code.text(), new EnrolmentCode(code.tenant(), code.uid(), code.device(), TWO, ONE).text());
    assertNotEquals(code.text(),
        new EnrolmentCode(code.tenant(), code.uid(), new DeviceId(times(0xd2, 16)), ONE, TWO).text());
  }

  @Test
  void a_safety_number_is_the_same_for_both_and_changes_with_a_key() {
    SafetyNumber.Person anna = new SafetyNumber.Person(new Uid(times(0xaa, 16)), ONE);
    SafetyNumber.Person ben = new SafetyNumber.Person(new Uid(times(0xbb, 16)), TWO);
    SafetyNumber number = SafetyNumber.of(anna, ben);
    SafetyNumber other = SafetyNumber.of(ben, anna);
    assertTrue(number.digits().matches("[0-9]{60}"), number.digits());
    assertEquals(number.digits(), other.digits());
    assertTrue(number.matches(other.qrCode()));
    assertEquals(65, number.qrCode().size());
    assertTrue(number.digits().substring(0, 30).compareTo(number.digits().substring(30)) <= 0);
    SafetyNumber reset = SafetyNumber.of(anna, new SafetyNumber.Person(ben.uid(), SigningKey.generate().publicKey()));
    assertNotEquals(number.digits(), reset.digits());
    assertFalse(number.matches(reset.qrCode()));
  }

  @Test
  void a_safety_number_is_what_another_pbkdf2_makes_of_the_same() {
    ByteString input = ONE.bytes().concat(times(0xaa, 16));
    var generator = new org.bouncycastle.crypto.generators.PKCS5S2ParametersGenerator(
        new org.bouncycastle.crypto.digests.SHA512Digest());
    generator.init(input.toByteArray(), ByteString.copyFromUtf8("e2r/1/safety-number").toByteArray(), 100_000);
    byte[] half = ((org.bouncycastle.crypto.params.KeyParameter) generator.generateDerivedMacParameters(256)).getKey();
    StringBuilder digits = new StringBuilder();
    for (int at = 0; at < 30; at += 5) {
      long group = 0;
      for (int i = 0; i < 5; i++) {
        group = group << 8 | (half[at + i] & 0xff);
      }
      digits.append(String.format("%05d", group % 100_000));
    }
    SafetyNumber.Person anna = new SafetyNumber.Person(new Uid(times(0xaa, 16)), ONE);
    assertEquals(digits.toString().repeat(2), SafetyNumber.of(anna, anna).digits());
  }
}
