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
import io.e2relay.protocol.record.Labels;
import io.e2relay.protocol.record.MessageHeader;
import io.e2relay.protocol.record.MessageType;
import io.e2relay.protocol.record.Signature;
import io.e2relay.protocol.verify.Hkdf;
import io.e2relay.protocol.verify.KeyCommitment;
import io.e2relay.protocol.verify.Signatures;
import java.math.BigInteger;
import org.bouncycastle.crypto.ec.CustomNamedCurves;
import org.junit.jupiter.api.Test;

/// The first published values: agreed on before there was any of this code, and never made anew.
final class FixedVectorsTest {
  private static final SymmetricKey KEY = SymmetricKey.of(times(0x11, 32));
  private static final ConversationId CONVERSATION = new ConversationId(times(0xc0, 32));
  private static final Epoch EPOCH = new Epoch(7);
  private static final Hash EPOCH_HASH = new Hash(times(0xe0, 32));
  private static final MessageHeader HEADER = new MessageHeader(MessageType.CONTENT, CONVERSATION, EPOCH,
      new Uid(times(0xaa, 16)), new DeviceId(times(0xd1, 16)), new MsgId(times(0x01, 16)), 42, Hash.NONE, 0);

  @Test
  void the_epochs_commitment_is_the_published_one() {
    assertEquals("712e64ee0c521381afac8a84b08a3bf2f219ad9bcc6632a3042bdc3cd82e29be",
        hex(KeyCommitment.of(KEY.toByteString(), CONVERSATION, EPOCH).bytes()));
  }
}
