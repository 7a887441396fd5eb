// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.fuzz;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import io.e2relay.protocol.wire.ClientFrame;
import java.util.List;
import java.util.Set;

/// The records that a request brings.
final class Records {
  private static final Set<String> NAMES = Set.of("record", "genesis", "grant", "blob");

  private Records() {
  }

  static FieldDescriptor body(ClientFrame frame) {
    return ClientFrame.getDescriptor().findFieldByNumber(frame.getBodyCase().getNumber());
  }

  static List<FieldDescriptor> fields(Message body) {
    return body.getDescriptorForType().getFields().stream().filter(field -> NAMES.contains(field.getName())).toList();
  }

  /// In the order of their fields.
  static List<ByteString> of(ClientFrame frame) {
    Message body = (Message) frame.getField(body(frame));
    return fields(body).stream().map(field -> (ByteString) body.getField(field)).toList();
  }
}
