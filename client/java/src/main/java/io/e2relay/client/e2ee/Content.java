// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.e2ee;

import com.google.protobuf.ByteString;

/// What is inside of a sealed message: its kind, then what belongs to it.
final class Content {
  private static final ByteString TEXT = ByteString.copyFrom(new byte[]{0, 1});

  private Content() {
  }

  static ByteString text(String text) {
    return TEXT.concat(ByteString.copyFromUtf8(text));
  }

  static String textOf(ByteString content) {
    return content.startsWith(TEXT) ? content.substring(TEXT.size()).toStringUtf8() : "";
  }
}
