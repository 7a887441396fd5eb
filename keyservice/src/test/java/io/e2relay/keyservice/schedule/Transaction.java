// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.schedule;

import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// One transaction in its moments: read, decide, write. Between them others have theirs; who then finds that what was
/// read is no more so begins anew.
final class Transaction<S> {
  /// How it ended.
  sealed interface End {
    record Done() implements End {
    }

    /// It was so before, so nothing was written.
    record Before() implements End {
    }

    record Refused(String code) implements End {
    }

    /// Somebody else was first.
    record Lost() implements End {
    }
  }

  static final End DONE = new End.Done();
  static final End BEFORE = new End.Before();
  static final End LOST = new End.Lost();

  private final Supplier<S> read;
  private final Function<S, Supplier<End>> decide;
  private @Nullable S seen;
  private @Nullable Supplier<End> write;
  private int lost;

  Transaction(Supplier<S> read, Function<S, Supplier<End>> decide) {
    this.read = read;
    this.decide = decide;
  }

  /// The next moment; its end, once there is one.
  @Nullable
  End advance() {
    S before = seen;
    if (before == null) {
      seen = read.get();
      return null;
    }
    Supplier<End> decided = write;
    if (decided == null) {
      write = decide.apply(before);
      return null;
    }
    End end = decided.get();
    if (end instanceof End.Lost) {
      lost++;
      seen = null;
      write = null;
      return null;
    }
    return end;
  }

  /// How often it began anew.
  int lost() {
    return lost;
  }

  static Supplier<End> refused(String code) {
    return () -> new End.Refused(code);
  }
}
