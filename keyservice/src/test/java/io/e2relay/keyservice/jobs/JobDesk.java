// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.jobs;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// The rules of who does which work, for tests with tables of their own.
public final class JobDesk {
  /// A job and who took it last.
  public record Offer(WrapJob job, int taken, @Nullable Holder holder, long untilMs) {
    private OpenJob open() {
      return new OpenJob(job, taken, holder == null ? null : new Lease(holder, untilMs));
    }
  }

  private JobDesk() {
  }

  /// Those that the asker gets, as they are from then on.
  public static List<Offer> claim(List<Offer> open, Holder asker, long nowMs) {
    return WrapJobRules.claim(open.stream().map(Offer::open).toList(), asker, nowMs, WrapJobRules.JOBS_MAX).stream()
        .map(claim -> new Offer(claim.open().job(), claim.taken(), claim.lease().holder(), claim.lease().untilMs()))
        .toList();
  }
}
