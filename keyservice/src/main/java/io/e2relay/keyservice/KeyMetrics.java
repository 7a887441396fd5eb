// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice;

import static java.util.Objects.requireNonNull;

import io.e2relay.protocol.error.ErrorCode;
import io.e2relay.protocol.wire.ChangeKind;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;

/// What the key service counts.
public final class KeyMetrics {
  /// The calls, as a label.
  enum Asked {
    SIGN_IN, RETIRE_DEVICE, PUT_ACCOUNT, GET_ACCOUNTS, DEVICE_WRAPS, //
    PUT_BACKUP, BACKUP_TERMS, OPEN_BACKUP, DELETE_BACKUP, PUT_SELF, GET_SELF, //
    CREATE, GET, LIST, ADD, REMOVE, LEAVE, JOIN, MEMBERSHIP, ROSTER, USER_STATES, //
    UPGRADE, PUT_EPOCH, GET_EPOCHS, GET_WRAPS, PUT_GRANT, BAD_WRAP, TAKE_WRAP_JOBS
  }

  /// What somebody shows to have a backup opened, as a label.
  enum Shown {
    PASSWORD, RECOVERY_CODE
  }

  private static final String CALL_SECONDS = "e2relay_keys_call_seconds";
  private static final String REFUSALS = "e2relay_keys_refusals_total";
  private static final String CHANGES = "e2relay_keys_changes_total";
  private static final String FAILURES = "e2relay_keys_failures_total";
  private static final String WRONG_PROOFS = "e2relay_keys_wrong_proofs_total";
  private static final String TIME_TO_READABLE = "e2relay_keys_time_to_readable";
  private static final String DETACH_UNANSWERED = "e2relay_keys_detach_unanswered_total";

  private final Map<Asked, Timer> calls = new EnumMap<>(Asked.class);
  private final Map<ErrorCode, Counter> refusals = new EnumMap<>(ErrorCode.class);
  private final Map<ChangeKind, Counter> changes = new EnumMap<>(ChangeKind.class);
  private final Map<Shown, Counter> wrongProofs = new EnumMap<>(Shown.class);
  private final Timer timeToReadable;
  private final Counter failures;
  private final Counter detachUnanswered;

  public KeyMetrics(MeterRegistry registry) {
    for (Asked asked : Asked.values()) {
      calls.put(asked, Timer.builder(CALL_SECONDS).description("Time from a question to its answer.")
          .tag("call", asked.name()).register(registry));
    }
    for (ErrorCode code : ErrorCode.values()) {
      refusals.put(code,
          Counter.builder(REFUSALS).description("Questions refused.").tag("code", code.name()).register(registry));
    }
    for (ChangeKind kind : ChangeKind.values()) {
      changes.put(kind,
          Counter.builder(CHANGES).description("Members changed.").tag("kind", kind.name()).register(registry));
    }
    for (Shown shown : Shown.values()) {
      wrongProofs.put(shown, Counter.builder(WRONG_PROOFS).description("Tries to open a backup with a wrong proof.")
          .tag("shown", shown.name()).register(registry));
    }
    timeToReadable = Timer.builder(TIME_TO_READABLE)
        .description("Time from when a pending member could be given the key to when they have it.").register(registry);
    failures = Counter.builder(FAILURES).description("Questions that ended in a bug.").register(registry);
    detachUnanswered = Counter.builder(DETACH_UNANSWERED)
        .description("Removals of members or devices that no relay confirmed in time.").register(registry);
  }

  void answered(Asked asked, Duration took) {
    requireNonNull(calls.get(asked)).record(took);
  }

  void refused(ErrorCode code) {
    requireNonNull(refusals.get(code)).increment();
  }

  void changed(ChangeKind kind) {
    requireNonNull(changes.get(kind)).increment();
  }

  void wrongProof(Shown shown) {
    requireNonNull(wrongProofs.get(shown)).increment();
  }

  void readable(Duration waited) {
    timeToReadable.record(waited);
  }

  void failed() {
    failures.increment();
  }

  void detachUnanswered() {
    detachUnanswered.increment();
  }
}
