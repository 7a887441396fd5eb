// SPDX-License-Identifier: Apache-2.0
package io.e2relay.loadtest.measure;

import java.util.function.Supplier;

/// A contestant by its name and what it does in a round.
public record Turn(String name, Supplier<Sample> work) {
  public Sample round() {
    return work.get();
  }
}
