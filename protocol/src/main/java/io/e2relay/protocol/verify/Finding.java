// SPDX-License-Identifier: Apache-2.0
package io.e2relay.protocol.verify;

import io.e2relay.protocol.record.Fault;
import io.e2relay.protocol.record.Reading;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Goes through checks in order and keeps the first fault; what comes behind a fault is not even asked.
final class Finding {
  private @Nullable Fault fault;

  Finding require(BooleanSupplier holds, Fault otherwise) {
    if (fault == null && !holds.getAsBoolean()) {
      fault = otherwise;
    }
    return this;
  }

  Finding and(Supplier<Verdict> check) {
    if (fault == null && check.get() instanceof Verdict.Invalid(Fault found)) {
      fault = found;
    }
    return this;
  }

  Verdict verdict() {
    return fault == null ? Verdict.VALID : new Verdict.Invalid(fault);
  }

  <T> Reading<T> reading(Supplier<T> value) {
    return fault == null ? new Reading.Read<>(value.get()) : new Reading.Unreadable<>(fault);
  }
}
