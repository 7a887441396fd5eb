// SPDX-License-Identifier: Apache-2.0
package io.e2relay.protocol.verify;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.id.ConversationId;
import io.e2relay.protocol.id.DeviceId;
import io.e2relay.protocol.id.Epoch;
import io.e2relay.protocol.id.MsgId;
import io.e2relay.protocol.id.TenantId;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.record.Hash;
import io.e2relay.protocol.record.KeyLogLeaf;
import io.e2relay.protocol.record.Labels;
import io.e2relay.protocol.record.MessageHeader;
import io.e2relay.protocol.record.MessageType;
import io.e2relay.protocol.record.Point;
import io.e2relay.protocol.record.Signature;
import org.junit.jupiter.api.Test;

/// Values that were fixed before there was code; whoever changes one breaks every message ever sent.
final class FixedVectorsTest {
  private static final ByteString EPOCH_KEY = TestAccount.bytes(32, 0x11);
  private static final ConversationId CONVERSATION = new ConversationId(TestAccount.bytes(32, 0xc0));
  private static final Hash EPOCH_HASH = new Hash(TestAccount.bytes(32, 0xe0));
  private static final Uid UID = new Uid(TestAccount.bytes(16, 0xaa));
  private static final MessageHeader HEADER = new MessageHeader(MessageType.CONTENT, CONVERSATION, new Epoch(7), UID,
      new DeviceId(TestAccount.bytes(16, 0xd1)), new MsgId(TestAccount.bytes(16, 0x01)), 42, Hash.NONE, 0);
  private static final Point DSK = new Point(hex("045b36890dacbd7c9a96bb74a1ee28b3d2d75b72e09a20ef25cf8e6fd8a9f0350d"
      + "0e14bed8d4682a34d83538bdff5b96e89a6666ec0db5745d02fa1210072df75a"));
  private static final Signature SIGNATURE = new Signature(
      hex("463c988862b1f301d61422e630a3cd3e25ebf2792dc506ab892abd257d37a168"
          + "b58cf6213028398b5be3300773fa184cfd40e6a49792d6c986fec61e9235bf42"));
  private static final ByteString SIGNED = EPOCH_HASH.bytes()
      .concat(hex("827a157067fa4da3485904e539db3b92e29d41a177d9b25559c505bf6d525680"));

  @Test
  void the_commitment_to_an_epochs_key() {
    assertEquals(hex("712e64ee0c521381afac8a84b08a3bf2f219ad9bcc6632a3042bdc3cd82e29be"),
        KeyCommitment.of(EPOCH_KEY, CONVERSATION, new Epoch(7)).bytes());
  }

  @Test
  void the_header_and_the_keys_of_a_message() {
    ByteString header = HEADER.bytes();
    assertEquals(hex("3c0abb3328250758e510c6d3847ec28008e6bfc6e87073ecc79c733e460f9681"), Hash.of(header).bytes());
    ByteString mk = Hkdf.derive(EPOCH_KEY, TestAccount.bytes(32, 0x5a),
        Labels.of(Labels.MESSAGE).concat(EPOCH_HASH.bytes()).concat(header), 32);
    assertEquals(hex("6f338f81f8d76a5d5c06cdc177949939552a2e3a2a03881713c617f9ac08a0ba"), mk);
    assertEquals(
        hex("7d5bc4e4d65c779e6d0d8e70d3e23b4aa2df5646734162dc81ca6ecb8add0948"
            + "12348449cfc0cc32064592d6f3c53a97798dccb5f25758b3e5c5cee6a1b1c69d" + "2383bf6c29ed6547aa6f32d7"),
        Hkdf.derive(mk, ByteString.EMPTY, Labels.of(Labels.AEAD), 76));
  }

  @Test
  void the_signature_of_a_message_and_its_twin() {
    assertTrue(Signatures.verify(DSK, "msg", SIGNED, SIGNATURE));
    assertTrue(Signatures.verify(DSK, "msg", SIGNED, TestKey.other(SIGNATURE)));
    assertFalse(Signatures.verify(DSK, "self", SIGNED, SIGNATURE));
    assertFalse(Signatures.verify(DSK, "msg", SIGNED.substring(1), SIGNATURE));
  }

  @Test
  void the_proof_that_somebody_knows_a_backups_password() {
    ByteString root = hex("2cffed8d30d4ee94615149a07299ca968b3df714524ec8e587a76c564726c3ce");
    assertEquals(hex("efb63848d4f40b446b809be98b302b49f9a339bbcb8938148d95a532bb28bc2c"),
        Hkdf.derive(root, UID.bytes(), Labels.of("e2r/1/backup-auth"), 32));
  }

  @Test
  void what_the_service_makes_of_that_proof_is_bound_to_one_backup() {
    ByteString pepper = TestAccount.bytes(32, 0x90);
    ByteString auth = hex("efb63848d4f40b446b809be98b302b49f9a339bbcb8938148d95a532bb28bc2c");
    BackupAccess access = new BackupAccess(new TenantId(TestAccount.bytes(16, 0x11)), UID, TestAccount.bytes(16, 0xb1));
    ByteString bound = TestAccount.TENANT.bytes().concat(UID.bytes()).concat(access.backupId()).concat(auth);
    assertEquals(Hmac.of(pepper, hex("13").concat(ByteString.copyFromUtf8("e2r/1/backup-verify")).concat(bound)),
        access.verifier(pepper, auth));
    assertEquals(Hmac.of(pepper, hex("12").concat(ByteString.copyFromUtf8("e2r/1/backup-share")).concat(bound)),
        access.share(pepper, auth));
    assertTrue(access.admits(pepper, auth, access.verifier(pepper, auth)));
    assertFalse(access.admits(pepper, auth, access.share(pepper, auth)));
    assertFalse(access.admits(pepper, auth.substring(1), access.verifier(pepper, auth)));
    BackupAccess other = new BackupAccess(access.tenant(), UID, TestAccount.bytes(16, 0xb2));
    assertFalse(other.admits(pepper, auth, access.verifier(pepper, auth)));
  }

  @Test
  void the_leaf_of_the_key_log_names_nobody_and_one_record() {
    TenantId tenant = new TenantId(TestAccount.bytes(16, 0x11));
    ByteString leaf = KeyLogLeaf.of(tenant, UID, 3, EPOCH_HASH);
    assertEquals(hex("017b27c3da56c28e6598789603301d14122c06eb585da42bbf5be5540043de739a"
        + "0000000000000003e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0"), leaf);
    assertEquals(KeyLogLeaf.BYTES, leaf.size());
    assertNotEquals(leaf, KeyLogLeaf.of(tenant, UID, 4, EPOCH_HASH));
    assertNotEquals(leaf, KeyLogLeaf.of(new TenantId(TestAccount.bytes(16, 0x12)), UID, 3, EPOCH_HASH));
  }

  private static ByteString hex(String hex) {
    return ByteString.fromHex(hex);
  }
}
