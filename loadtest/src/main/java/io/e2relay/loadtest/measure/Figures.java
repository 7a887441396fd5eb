// SPDX-License-Identifier: Apache-2.0
package io.e2relay.loadtest.measure;

import java.util.stream.DoubleStream;

/// The same thing measured several times: its middle, and how far it lies apart.
public record Figures(double median, double least, double most) {
  public static Figures of(DoubleStream measured) {
    double[] sorted = measured.sorted().toArray();
    return new Figures(sorted[sorted.length / 2], sorted[0], sorted[sorted.length - 1]);
  }
}
