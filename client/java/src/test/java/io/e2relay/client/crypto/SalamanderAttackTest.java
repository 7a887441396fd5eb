// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.crypto;

import static io.e2relay.client.crypto.Octets.assertUnreadable;
import static io.e2relay.client.crypto.Octets.times;
import static io.e2relay.client.crypto.Octets.value;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.record.Envelope;
import io.e2relay.protocol.record.Fault;
import io.e2relay.protocol.record.HistoryPolicy;
import io.e2relay.protocol.record.Labels;
import io.e2relay.protocol.record.Reading;
import io.e2relay.protocol.verify.DisclosureCheck;
import io.e2relay.protocol.verify.Hkdf;
import io.e2relay.protocol.verify.Verdict;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// One ciphertext for many keys: shows different things to different people, or tries thousands of passwords at once.
final class SalamanderAttackTest {
  private static final ByteString CONTEXT = times(0x44, 50);
  private static final ByteString SALT = times(0x5a, 32);
  private static final int PASSWORDS = 4096;
  private static final int AT_ONCE = 32;

  /// What is derived for one sealing.
  private record Derived(ByteString once, ByteString commitment, Salamander.Key key) {
    static Derived of(SymmetricKey key, Sealing.Label label, ByteString context) {
      ByteString once = Sealing.onceKey(key, label, context, SALT);
      ByteString all = Hkdf.derive(once, ByteString.EMPTY, Labels.of(Labels.AEAD), 76);
      return new Derived(once, all.substring(0, 32), new Salamander.Key(all.substring(32, 64), all.substring(64)));
    }

    /// AES-GCM alone, which asks for no commitment.
    boolean opensAlone(ByteString aad, ByteString text) {
      return Aead.decrypt(key.key().toByteArray(), key.nonce().toByteArray(), List.of(aad.toByteArray()),
          Backing.of(text), 0, new byte[text.size() - 16]);
    }
  }

  @ParameterizedTest
  @EnumSource(Sealing.Label.class)
  void a_text_for_two_keys_opens_under_one_at_most(Sealing.Label label) {
    SymmetricKey first = SymmetricKey.generate();
    SymmetricKey second = SymmetricKey.generate();
    Derived one = Derived.of(first, label, CONTEXT);
    Derived other = Derived.of(second, label, CONTEXT);
    ByteString aad = CONTEXT.concat(SALT).concat(one.commitment());
    ByteString text = Salamander.craft(List.of(one.key(), other.key()), aad, 18);
    assertTrue(one.opensAlone(aad, text), "AES-GCM alone opens it under the one");
    assertTrue(other.opensAlone(aad, text), "and under the other");
    ByteString sealed = SALT.concat(one.commitment()).concat(text);
    assertInstanceOf(Reading.Read.class, Sealing.open(first, label, CONTEXT, sealed));
    assertUnreadable(Fault.CANNOT_OPEN, Sealing.open(second, label, CONTEXT, sealed));
    ByteString forOther = SALT.concat(other.commitment()).concat(text);
    assertUnreadable(Fault.CANNOT_OPEN, Sealing.open(first, label, CONTEXT, forOther));
    assertUnreadable(Fault.CANNOT_OPEN, Sealing.open(second, label, CONTEXT, forOther));
  }

  @Test
  void an_answer_of_the_service_tries_no_password() {
    List<Derived> candidates = new ArrayList<>();
    List<SymmetricKey> keys = new ArrayList<>();
    for (int i = 0; i < PASSWORDS; i++) {
      SymmetricKey key = SymmetricKey.of(Hkdf.derive(new Joined().u32(i + 1).toByteString(), SALT, CONTEXT, 32));
      keys.add(key);
      candidates.add(Derived.of(key, Sealing.Label.BACKUP_KEY, CONTEXT));
    }
    ByteString commitment = times(0x66, 32);
    ByteString aad = CONTEXT.concat(SALT).concat(commitment);
    ByteString text = Salamander.craft(candidates.subList(0, AT_ONCE).stream().map(Derived::key).toList(), aad,
        AT_ONCE);
    ByteString sealed = SALT.concat(commitment).concat(text);
    int alone = 0;
    int accepted = 0;
    for (int i = 0; i < PASSWORDS; i++) {
      alone += candidates.get(i).opensAlone(aad, text) ? 1 : 0;
      accepted += Sealing.open(keys.get(i), Sealing.Label.BACKUP_KEY, CONTEXT, sealed) instanceof Reading.Read ? 1 : 0;
    }
    IO.println(
        "shown: partitioning-oracle passwords=%d aes_gcm_alone=%d accepted=%d".formatted(PASSWORDS, alone, accepted));
    assertEquals(AT_ONCE, alone, "without the commitment one answer tries them all");
    assertEquals(0, accepted);
    ByteString honest = Sealing.seal(keys.get(7), Sealing.Label.BACKUP_KEY, CONTEXT, times(1, 32));
    assertEquals(1, keys.stream()
        .filter(key -> Sealing.open(key, Sealing.Label.BACKUP_KEY, CONTEXT, honest) instanceof Reading.Read).count());
  }

  /// A message that its recipients read in one way and whoever judges a report in another.
  @Test
  void a_false_report_is_refused() {
    TestGroup group = new TestGroup(HistoryPolicy.FULL);
    Envelope like = group.messages(group.alice).content(ChainPlace.FIRST, MessageMaker.newId(), 0, times(1, 9));
    ByteString context = MessageMaker.context(group.epoch.record().hash(), like.header());
    Derived real = Derived.of(group.epoch.key(), Sealing.Label.MESSAGE, context);
    Derived invented = Derived.of(SymmetricKey.generate(), Sealing.Label.MESSAGE, context);
    ByteString aad = context.concat(SALT).concat(real.commitment());
    ByteString text = Salamander.craft(List.of(real.key(), invented.key()), aad, 16);
    ByteString body = SALT.concat(real.commitment()).concat(text);
    Envelope message = new Envelope(like.header(), body,
        group.alice.keys.signing().sign("msg", Envelope.tbs(group.epoch.record().hash(), like.header(), body)));
    assertTrue(invented.opensAlone(aad, text), "AES-GCM alone would show the judge another text");
    var dsk = group.alice.keys.signing().publicKey();
    var epochHash = group.epoch.record().hash();
    assertEquals(Verdict.VALID, DisclosureCheck.verify(message, epochHash, real.once(), dsk));
    assertEquals(new Verdict.Invalid(Fault.BAD_COMMITMENT),
        DisclosureCheck.verify(message, epochHash, invented.once(), dsk));
    assertUnreadable(Fault.BAD_COMMITMENT, Disclosure.received(invented.once()).open(epochHash, message));
    assertEquals(times(1, 9), value(
        Disclosure.received(value(Disclosure.of(group.epoch.key(), epochHash, like)).reveal()).open(epochHash, like)));
    assertUnreadable(Fault.BAD_COMMITMENT, Disclosure
        .received(value(Disclosure.of(group.epoch.key(), epochHash, like)).reveal()).open(epochHash, message));
  }

  @Test
  void the_attackers_arithmetic_is_that_of_the_field() {
    GaloisElement element = new GaloisElement(0x1234_5678_9abc_def0L, 0x0fed_cba9_8765_4321L);
    assertEquals(GaloisElement.ONE, element.times(element.inverse()));
    assertEquals(element.times(element).times(element), element.power(3));
    assertNotEquals(GaloisElement.ZERO, element.plus(GaloisElement.ONE));
  }
}
