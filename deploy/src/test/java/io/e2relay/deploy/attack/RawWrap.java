// SPDX-License-Identifier: Apache-2.0
package io.e2relay.deploy.attack;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.id.ConversationId;
import io.e2relay.protocol.id.Epoch;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.record.AccountKey;
import io.e2relay.protocol.record.EpochStatement;
import io.e2relay.protocol.record.GrantStatement;
import io.e2relay.protocol.record.Hash;
import io.e2relay.protocol.record.Point;
import io.e2relay.protocol.record.RosterEntry;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.bouncycastle.crypto.InvalidCipherTextException;
import org.bouncycastle.crypto.hpke.HPKE;

/// A conversation's key wrapped for a member by whoever likes to: a wrap needs nobody's secret, and the SDK's own code
/// refuses to wrap keys like these.
final class RawWrap {
  private RawWrap() {
  }

  /// Any bytes, in the wrap that goes with this epoch for this member, whose key is that point.
  static ByteString of(ByteString content, EpochStatement epoch, RosterEntry member, Point aek) {
    return of(content, info(epoch.conversation(), epoch.epoch(), member.uid(), member.account(), aek), epoch.hash(),
        aek);
  }

  /// Any bytes, in the wrap that goes with this grant.
  static ByteString of(ByteString content, GrantStatement grant, Point aek) {
    return of(content, info(grant.conversation(), grant.epoch(), grant.grantee(), grant.account(), aek), grant.hash(),
        aek);
  }

  private static byte[] info(ConversationId conversation, Epoch epoch, Uid uid, AccountKey account, Point aek) {
    byte[] label = "e2r/1/wrap".getBytes(StandardCharsets.US_ASCII);
    return ByteBuffer.allocate(1 + label.length + 32 + 4 + 16 + 4 + 32).put((byte) label.length).put(label)
        .put(conversation.bytes().toByteArray()).putInt((int) epoch.value()).put(uid.bytes().toByteArray())
        .putInt((int) account.aekGen()).put(Hash.of(aek.bytes()).bytes().toByteArray()).array();
  }

  private static ByteString of(ByteString content, byte[] info, Hash aad, Point aek) {
    HPKE hpke = new HPKE(HPKE.mode_base, HPKE.kem_P256_SHA256, HPKE.kdf_HKDF_SHA256, HPKE.aead_AES_GCM256);
    try {
      var context = hpke.setupBaseS(hpke.deserializePublicKey(aek.bytes().toByteArray()), info);
      byte[] sealed = context.seal(aad.bytes().toByteArray(), content.toByteArray());
      return ByteString.copyFrom(context.getEncapsulation()).concat(ByteString.copyFrom(sealed));
    } catch (InvalidCipherTextException e) {
      throw new IllegalStateException("sealing never finds a wrong tag", e);
    }
  }
}
