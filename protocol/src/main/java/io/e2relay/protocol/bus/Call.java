// SPDX-License-Identifier: Apache-2.0
package io.e2relay.protocol.bus;

import com.google.protobuf.Message;

/// A question that one role asks another, and the type of its answer.
public record Call<Q extends Message, A extends Message>(String address, Class<Q> question, Class<A> answer) {
  /// Who answers it.
  Role role() {
    return Role.at(address);
  }
}
