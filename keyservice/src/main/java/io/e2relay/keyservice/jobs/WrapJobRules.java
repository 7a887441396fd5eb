// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.jobs;

import io.e2relay.protocol.id.ConversationId;
import io.e2relay.protocol.id.Epoch;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.wire.WrapJobKind;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Whose a job is and for how long, and when those who could do it are told of it again.
public final class WrapJobRules {
  /// Jobs that somebody takes at once, at most.
  public static final int JOBS_MAX = 16;
  public static final long LEASE_MS = 10_000;
  /// For whom the jobs of one answer are, at most, beyond the first of them: so much of any answer fits a frame.
  static final int UIDS_MAX = 4_000;

  /// So often a job that was taken and not done is offered to the next without waiting.
  private static final int TAKES_IN_VAIN = 5;
  private static final long WAIT_MS = 10_000;
  private static final long WAIT_MAX_MS = 300_000;

  /// A job that whoever asked now has.
  record Claim(OpenJob open, Lease lease) {
    /// How often it has been taken, this time included; having it already is no other time.
    int taken() {
      return lease.equals(open.lease()) ? open.taken() : open.taken() + 1;
    }
  }

  private WrapJobRules() {
  }

  /// The first of the jobs that are free, or the asker's already, and fit one answer.
  static List<Claim> claim(List<OpenJob> open, Holder asker, long nowMs, int limit) {
    List<Claim> claims = new ArrayList<>();
    int uids = 0;
    for (OpenJob job : open) {
      Lease lease = lease(job.lease(), asker, nowMs);
      int more = job.job().uids().size();
      if (lease != null && claims.size() < limit && (claims.isEmpty() || uids + more <= UIDS_MAX)) {
        claims.add(new Claim(job, lease));
        uids += more;
      }
    }
    return List.copyOf(claims);
  }

  /// One job for each conversation, kind and epoch.
  static List<WrapJob> merged(List<Claim> claims) {
    record Place(ConversationId conversation, WrapJobKind kind, Epoch epoch) {
    }
    Map<Place, List<Uid>> merged = new LinkedHashMap<>();
    for (Claim claim : claims) {
      WrapJob job = claim.open().job();
      merged.computeIfAbsent(new Place(job.conversation(), job.kind(), job.epoch()), _ -> new ArrayList<>())
          .addAll(job.uids());
    }
    return merged.entrySet().stream()
        .map(one -> new WrapJob(one.getKey().conversation(), one.getKey().kind(), one.getKey().epoch(), one.getValue()))
        .toList();
  }

  /// The lease that an asker gets; null while another's runs. To ask again does not make one longer.
  static @Nullable Lease lease(@Nullable Lease held, Holder asker, long nowMs) {
    if (held == null || held.untilMs() <= nowMs) {
      return new Lease(asker, nowMs + LEASE_MS);
    }
    return held.holder().equals(asker) ? held : null;
  }

  /// When a job is offered again that was offered so often since anybody took it.
  static long offeredAgainMs(int offered, long nowMs) {
    return nowMs + waiting(offered);
  }

  /// When a job is offered to the next that was taken so often, unless it is done before. What many have taken in vain
  /// is something that nobody can do now.
  static long offeredAfterMs(int taken, Lease lease) {
    return lease.untilMs() + (taken <= TAKES_IN_VAIN ? 0 : waiting(taken - TAKES_IN_VAIN));
  }

  private static long waiting(int times) {
    return Math.min(WAIT_MS << Math.min(times, 16), WAIT_MAX_MS);
  }
}
