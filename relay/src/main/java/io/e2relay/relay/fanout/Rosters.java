// SPDX-License-Identifier: Apache-2.0
package io.e2relay.relay.fanout;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.bus.wire.Roster;
import io.e2relay.protocol.bus.wire.RosterCall;
import io.e2relay.protocol.bus.wire.RosterReply;
import io.e2relay.protocol.error.ErrorCode;
import io.e2relay.protocol.record.Hash;
import io.e2relay.protocol.wire.TrustLevel;
import io.vertx.core.Future;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/// The rosters seen last, for ever valid because they never change. Belongs to one event loop.
final class Rosters {
  private static final int ROSTER_WEIGHT = 1;

  private record Key(ByteString conversation, long epoch) {
  }

  private final Function<RosterCall, Future<RosterReply>> source;
  private final int uidsMax;
  private final LinkedHashMap<Key, RosterView> known = new LinkedHashMap<>(16, 0.75f, true);
  private final Map<Key, Future<RosterView>> asked = new HashMap<>();
  private int uids;

  /// Keeps rosters of at most this many users in all.
  Rosters(Function<RosterCall, Future<RosterReply>> source, int uidsMax) {
    this.source = source;
    this.uidsMax = uidsMax;
  }

  Future<RosterView> of(ByteString conversation, long epoch) {
    Key key = new Key(conversation, epoch);
    RosterView roster = known.get(key);
    if (roster != null) {
      return Future.succeededFuture(roster);
    }
    Future<RosterView> flying = asked.get(key);
    if (flying != null) {
      return flying;
    }
    RosterCall question = RosterCall.newBuilder().setConversationId(conversation).setEpoch(epoch).build();
    Future<RosterView> asking = source.apply(question).compose(reply -> keep(key, reply));
    asked.put(key, asking);
    asking.onComplete(_ -> asked.remove(key));
    return asking;
  }

  int uids() {
    return uids;
  }

  private Future<RosterView> keep(Key key, RosterReply reply) {
    return switch (reply.getOutcomeCase()) {
      case ROSTER -> {
        RosterView roster = view(reply.getRoster());
        known.put(key, roster);
        uids += weight(roster);
        forget();
        yield Future.succeededFuture(roster);
      }
      case REFUSAL -> ErrorCode.of(reply.getRefusal()) == ErrorCode.UNAVAILABLE
          ? Future.failedFuture("no roster now")
          // Not kept: the epoch may come to be.
          : Future.succeededFuture(RosterView.NOBODY);
      case OUTCOME_NOT_SET -> Future.failedFuture("an answer without an outcome");
    };
  }

  private static RosterView view(Roster roster) {
    boolean open = roster.getLevel() == TrustLevel.TRUST_LEVEL_OPEN;
    return new RosterView(open, Set.copyOf(roster.getUidsList()), open ? Hash.NONE : new Hash(roster.getEpochHash()));
  }

  /// In uids; an empty roster costs something, too.
  private static int weight(RosterView roster) {
    return ROSTER_WEIGHT + roster.uids().size();
  }

  private void forget() {
    Iterator<RosterView> oldest = known.values().iterator();
    while (uids > uidsMax && known.size() > 1) {
      uids -= weight(oldest.next());
      oldest.remove();
    }
  }
}
