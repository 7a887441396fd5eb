// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client;

import io.e2relay.protocol.error.ErrorCode;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.record.Fault;
import io.e2relay.protocol.wire.Error;
import java.util.Collection;

/// What a played service refuses with.
public final class Refusals {
  private Refusals() {
  }

  public static RefusedException of(ErrorCode code) {
    return new RefusedException(error(code).build());
  }

  public static RefusedException of(ErrorCode code, Collection<Uid> about) {
    return new RefusedException(error(code).addAllUids(about.stream().map(Uid::bytes).toList()).build());
  }

  public static RefusedException of(ErrorCode code, Fault fault) {
    return new RefusedException(error(code).setFault(fault.name()).build());
  }

  public static DisconnectedException disconnected() {
    return new DisconnectedException("no answer");
  }

  private static Error.Builder error(ErrorCode code) {
    return Error.newBuilder().setCode(code.number()).setName(code.name()).setAdvice(code.advice())
        .setMessage(code.meaning());
  }
}
