// SPDX-License-Identifier: Apache-2.0
package io.e2relay.store;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.config.Settings;
import io.e2relay.protocol.id.ConversationId;
import io.e2relay.protocol.id.DeviceId;
import io.e2relay.protocol.id.Epoch;
import io.e2relay.protocol.id.MsgId;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.wire.Control;
import io.e2relay.protocol.wire.MemberChange;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

/// Ids that are new each time, messages, and a configuration.
final class Samples {
  static final Uid ALICE = new Uid(filled(16, 0xa1));
  static final Uid BOB = new Uid(filled(16, 0xb0));
  static final DeviceId PHONE = new DeviceId(filled(16, 0x01));
  static final DeviceId LAPTOP = new DeviceId(filled(16, 0x02));
  static final ByteString CONTROL = Control.newBuilder().addChanges(MemberChange.newBuilder().setUid(ALICE.bytes()))
      .build().toByteString();
  private static final AtomicLong NEXT = new AtomicLong();

  private Samples() {
  }

  static ConversationId conversation() {
    // Hashed, so that they spread over all partitions.
    return new ConversationId(Body.of(number(16)).hash());
  }

  static MsgId msgId() {
    return new MsgId(number(16));
  }

  static Append append(ConversationId conversation, long epoch, String body) {
    return append(conversation, epoch, msgId(), body);
  }

  static Append append(ConversationId conversation, long epoch, MsgId message, String body) {
    return append(conversation, epoch, message, ByteString.copyFromUtf8(body));
  }

  static Append append(ConversationId conversation, long epoch, MsgId message, ByteString body) {
    return new Append(new MessageKey(conversation, PHONE, message), new Epoch(epoch), ALICE, Body.of(body));
  }

  static ByteString filled(int size, int value) {
    byte[] bytes = new byte[size];
    Arrays.fill(bytes, (byte) value);
    return ByteString.copyFrom(bytes);
  }

  static StoreConfig config(Map<String, String> values) {
    Settings settings = new Settings(values);
    StoreConfig config = StoreConfig.read(settings);
    if (!settings.mistakes().isEmpty()) {
      throw new IllegalArgumentException(settings.mistakes().toString());
    }
    return config;
  }

  static StoreMetrics metrics() {
    return new StoreMetrics(new SimpleMeterRegistry());
  }

  private static ByteString number(int size) {
    return ByteString.copyFrom(ByteBuffer.allocate(size).putLong(size - 8, NEXT.incrementAndGet()).array());
  }
}
