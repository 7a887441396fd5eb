// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.crypto;

import static io.e2relay.client.crypto.Octets.hex;
import static io.e2relay.client.crypto.Octets.times;
import static io.e2relay.client.crypto.Octets.value;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.id.ConversationId;
import io.e2relay.protocol.id.DeviceId;
import io.e2relay.protocol.id.Epoch;
import io.e2relay.protocol.id.MsgId;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.record.Hash;
import io.e2relay.protocol.record.KdfParameters;
import io.e2relay.protocol.record.Labels;
import io.e2relay.protocol.record.MessageHeader;
import io.e2relay.protocol.record.MessageType;
import io.e2relay.protocol.record.Point;
import io.e2relay.protocol.record.Signature;
import io.e2relay.protocol.verify.Hkdf;
import io.e2relay.protocol.verify.KeyCommitment;
import io.e2relay.protocol.verify.Signatures;
import org.bouncycastle.crypto.AsymmetricCipherKeyPair;
import org.junit.jupiter.api.Test;

/// The first published values: agreed on before there was any of this code, and never made anew.
final class FixedVectorsTest {
  private static final SymmetricKey KEY = SymmetricKey.of(times(0x11, 32));
  private static final ConversationId CONVERSATION = new ConversationId(times(0xc0, 32));
  private static final Epoch EPOCH = new Epoch(7);
  private static final Hash EPOCH_HASH = new Hash(times(0xe0, 32));
  private static final ByteString HEADER = new MessageHeader(MessageType.CONTENT, CONVERSATION, EPOCH,
      new Uid(times(0xaa, 16)), new DeviceId(times(0xd1, 16)), new MsgId(times(0x01, 16)), 42, Hash.NONE, 0).bytes();
  private static final ByteString CONTENT = new Joined().u16(1).bytes(ByteString.copyFromUtf8("hello")).toByteString();
  private static final ByteString CONTEXT = EPOCH_HASH.bytes().concat(HEADER);
  private static final ByteString BODY = Sealing.seal(FixedRandomness.bytes(times(0x5a, 32)), KEY,
      Sealing.Label.MESSAGE, CONTEXT, PaddedContent.pad(CONTENT, 65_536));
  private static final AsymmetricCipherKeyPair RECIPIENT = FixedRandomness.derived(times(0x52, 32));
  private static final Wrapping.ConversationWrap WRAP = new Wrapping.ConversationWrap(CONVERSATION, EPOCH,
      new Uid(times(0xbb, 16)), 3, EPOCH_HASH);

  @Test
  void what_shows_that_somebody_knows_the_recovery_code_is_the_same_in_every_language() {
    assertEquals("90745162733a49e3bd196a176726cdf1be44261afe248e08a653b75e531c4ac7",
        hex(RecoveryCode.of(times(0x07, 20)).auth(new Uid(times(0xaa, 16)), times(0xb1, 16))));
  }

  @Test
  void the_commitment_to_an_epochs_key_is_the_published_one() {
    assertEquals("712e64ee0c521381afac8a84b08a3bf2f219ad9bcc6632a3042bdc3cd82e29be",
        hex(KeyCommitment.of(KEY.toByteString(), CONVERSATION, EPOCH).bytes()));
  }

  @Test
  void the_key_of_a_message_is_the_published_one() {
    assertEquals("3c0abb3328250758e510c6d3847ec28008e6bfc6e87073ecc79c733e460f9681", hex(Hash.of(HEADER).bytes()));
    ByteString once = Sealing.onceKey(KEY, Sealing.Label.MESSAGE, CONTEXT, times(0x5a, 32));
    assertEquals("6f338f81f8d76a5d5c06cdc177949939552a2e3a2a03881713c617f9ac08a0ba", hex(once));
    ByteString parts = Hkdf.derive(once, ByteString.EMPTY, Labels.of(Labels.AEAD), 76);
    assertEquals(
        "7d5bc4e4d65c779e6d0d8e70d3e23b4aa2df5646734162dc81ca6ecb8add0948"
            + "12348449cfc0cc32064592d6f3c53a97798dccb5f25758b3e5c5cee6a1b1c69d" + "2383bf6c29ed6547aa6f32d7",
        hex(parts));
  }

  @Test
  void a_sealed_message_is_the_published_one() {
    assertEquals(hex(times(0x5a, 32)), hex(BODY.substring(0, 32)));
    assertEquals("7d5bc4e4d65c779e6d0d8e70d3e23b4aa2df5646734162dc81ca6ecb8add0948", hex(BODY.substring(32, 64)));
    assertEquals(272, BODY.size() - 64);
    assertEquals("1b166a7b8b72c58190f4e1c95ebf6279f47b806cfec5003c6c40d63ccd2c4215",
        hex(Hash.of(BODY.substring(64)).bytes()));
    assertEquals("827a157067fa4da3485904e539db3b92e29d41a177d9b25559c505bf6d525680",
        hex(Hash.of(HEADER, BODY).bytes()));
    assertEquals(530, HEADER.size() + BODY.size() + Signature.BYTES);
    assertEquals(CONTENT, value(PaddedContent.unpad(value(Sealing.open(KEY, Sealing.Label.MESSAGE, CONTEXT, BODY)))));
  }

  @Test
  void a_signature_is_the_published_one() {
    Point dsk = new Point(hex("045b36890dacbd7c9a96bb74a1ee28b3d2d75b72e09a20ef25cf8e6fd8a9f0350d"
        + "0e14bed8d4682a34d83538bdff5b96e89a6666ec0db5745d02fa1210072df75a"));
    SigningKey key = value(SigningKey.read(times(0x44, 32).concat(dsk.bytes().substring(1)), dsk));
    ByteString tbs = EPOCH_HASH.bytes().concat(Hash.of(HEADER, BODY).bytes());
    Signature signature = key.sign(FixedRandomness.bytes(), "msg", tbs);
    assertEquals("463c988862b1f301d61422e630a3cd3e25ebf2792dc506ab892abd257d37a168"
        + "b58cf6213028398b5be3300773fa184cfd40e6a49792d6c986fec61e9235bf42", hex(signature.bytes()));
    assertTrue(Signatures.verify(dsk, "msg", tbs, signature));
  }

  @Test
  void a_files_sealed_key_is_the_published_one() {
    ByteString context = new Joined().bytes(CONVERSATION.bytes()).u32(EPOCH.value()).bytes(times(0xf1, 16))
        .toByteString();
    ByteString sealed = Sealing.seal(FixedRandomness.bytes(times(0x5b, 32)), KEY, Sealing.Label.FILE_KEY, context,
        times(0xfe, 32));
    assertEquals(
        "68ce93fe530d569cb88f239d862e0d88c3b7c938f503acd7ff24c367a115b59e"
            + "bc291dd866467ddcc71dfa0612511455a8df1589dff43b35366a3c366f2e985f5d71bfd7d6da99164daf7032f04bc6e8",
        hex(sealed.substring(32)));
  }

  @Test
  void the_link_to_the_key_before_is_the_published_one() {
    ByteString context = new Joined().bytes(CONVERSATION.bytes()).u32(6).toByteString();
    ByteString sealed = Sealing.seal(FixedRandomness.bytes(times(0x5c, 32)), KEY, Sealing.Label.HISTORY, context,
        times(0x10, 32));
    assertEquals(
        "0ab75500061e63045a290f07567f678659bbb1fd9266e874714de745c270339e"
            + "23e49d675bce105f5cf05e2b4009cdee131d782d230dc50121a3da6f9a05f6685b1378d487fdedbcaad50e5f5251d623",
        hex(sealed.substring(32)));
  }

  @Test
  void what_a_backups_password_derives_to_is_the_published_value() {
    DerivedPassword password = DerivedPassword.of("correct horse battery staple",
        new KdfParameters(600_000, times(0x01, 32)), new Uid(times(0xaa, 16)));
    assertEquals("2cffed8d30d4ee94615149a07299ca968b3df714524ec8e587a76c564726c3ce", hex(password.root()));
    assertEquals("efb63848d4f40b446b809be98b302b49f9a339bbcb8938148d95a532bb28bc2c", hex(password.auth()));
  }

  @Test
  void a_wrap_is_the_published_one() {
    assertEquals("847401bb1e0786843b0b041bec4da19d9c61bbd47ecdd0430e6b523e451149f7",
        hex(ByteString.copyFrom(P256.serialised(RECIPIENT)).substring(0, 32)));
    Point to = P256.point(RECIPIENT);
    assertEquals("a8ed5bfca538a5aae1b56606de7403c1dd4cc7d97f23dbe345a75c6e5ab288f9", hex(Hash.of(to.bytes()).bytes()));
    ByteString wrapped = Wrapping.wrap(FixedRandomness.ephemeral(times(0x45, 32)), KEY, to, WRAP);
    assertEquals("04c4600436d1c920c2b2913f1e4be8f23a0ea6a0a49f2259cdb2d1a6cea125d014"
        + "3c809e1ec690a4fa52c6825cab4d08b2c3c19c8951b581d0afdef7176dcdeb1b", hex(wrapped.substring(0, 65)));
    assertEquals("e9ba52cc8008e43a7c590f7deac76eb21d87e2710df31342be1754b31892b81fedf9fed57556b3ed2c74de6d07daf21c",
        hex(wrapped.substring(65)));
    AgreementKey recipient = value(AgreementKey.read(ByteString.copyFrom(P256.serialised(RECIPIENT)), to));
    assertEquals(KEY, value(Wrapping.unwrap(recipient, WRAP, wrapped)));
  }
}
