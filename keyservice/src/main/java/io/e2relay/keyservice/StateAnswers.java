// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice;

import io.e2relay.keyservice.account.PostgresUserStates;
import io.e2relay.protocol.bus.wire.UserState;
import io.e2relay.protocol.bus.wire.UserStatesCall;
import io.e2relay.protocol.bus.wire.UserStatesReply;
import io.e2relay.protocol.error.ErrorCode;
import io.e2relay.protocol.id.DeviceId;
import io.e2relay.protocol.id.Uid;
import java.util.LinkedHashSet;

/// Answers about where users stand, to relays that may have missed news of them.
///
/// Every method waits for the database and so needs a thread that may.
final class StateAnswers {
  private static final int USERS_MAX = 1_000;

  private final PostgresUserStates states;

  StateAnswers(PostgresUserStates states) {
    this.states = states;
  }

  UserStatesReply states(UserStatesCall call) {
    if (call.getUidsCount() > USERS_MAX) {
      return refusal(ErrorCode.LIMIT_EXCEEDED);
    }
    if (!Ask.ids(Uid.BYTES, call.getUidsList())) {
      return refusal(ErrorCode.MALFORMED);
    }
    UserStatesReply.Builder reply = UserStatesReply.newBuilder();
    states.of(new LinkedHashSet<>(Ask.uids(call.getUidsList())))
        .forEach(user -> reply.addUsers(UserState.newBuilder().setUid(user.uid().bytes()).setVersion(user.version())
            .setAccountSeq(user.accountSeq()).addAllDeviceIds(user.devices().stream().map(DeviceId::bytes).toList())));
    return reply.build();
  }

  static UserStatesReply refusal(ErrorCode code) {
    return UserStatesReply.newBuilder().setRefusal(code.refusal()).build();
  }
}
