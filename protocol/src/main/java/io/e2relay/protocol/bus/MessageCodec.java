// SPDX-License-Identifier: Apache-2.0
package io.e2relay.protocol.bus;

import com.google.protobuf.Internal;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import io.e2relay.protocol.bus.wire.ForwardCall;
import io.e2relay.protocol.bus.wire.ForwardReply;
import io.e2relay.protocol.bus.wire.NewsBatch;
import io.e2relay.protocol.bus.wire.NewsReply;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Carries protobuf messages: by reference on one node, as type name and bytes between nodes.
final class MessageCodec implements io.vertx.core.eventbus.MessageCodec<Message, Message> {
  static final String NAME = "e2relay";

  private static final Map<String, Message> PROTOTYPES = prototypes();

  /// Whether this codec is already known to that Vert.x; marks it known.
  static boolean registered(Vertx vertx) {
    return vertx.sharedData().<String, Boolean>getLocalMap("e2relay.bus").putIfAbsent(NAME, true) != null;
  }

  @Override
  public void encodeToWire(Buffer buffer, Message message) {
    byte[] name = message.getDescriptorForType().getName().getBytes(StandardCharsets.US_ASCII);
    byte[] body = message.toByteArray();
    buffer.appendUnsignedByte((short) name.length).appendBytes(name).appendInt(body.length).appendBytes(body);
  }

  @Override
  public Message decodeFromWire(int position, Buffer buffer) {
    int nameLength = buffer.getUnsignedByte(position);
    String name = buffer.getString(position + 1, position + 1 + nameLength);
    int bodyStart = position + 1 + nameLength + 4;
    int bodyLength = buffer.getInt(bodyStart - 4);
    Message prototype = PROTOTYPES.get(name);
    if (prototype == null) {
      throw new IllegalArgumentException("no message is called " + name);
    }
    try {
      return prototype.getParserForType().parseFrom(buffer.getBytes(bodyStart, bodyStart + bodyLength));
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalArgumentException("not a " + name, e);
    }
  }

  @Override
  public Message transform(Message message) {
    return message;
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public byte systemCodecID() {
    return -1;
  }

  private static Map<String, Message> prototypes() {
    Stream<Class<? extends Message>> asked = Calls.all().stream()
        .flatMap(call -> Stream.of(call.question(), call.answer()));
    Stream<Class<? extends Message>> told = Calls.hints().stream().map(Hint::type);
    Stream<Class<? extends Message>> between = Stream.of(ForwardCall.class, ForwardReply.class, NewsBatch.class,
        NewsReply.class);
    return Stream.of(asked, told, between).flatMap(Function.identity()).distinct()
        .map(type -> (Message) Internal.getDefaultInstance(type))
        .collect(Collectors.toUnmodifiableMap(m -> m.getDescriptorForType().getName(), m -> m));
  }
}
