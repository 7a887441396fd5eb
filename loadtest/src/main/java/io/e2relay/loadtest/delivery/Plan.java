// SPDX-License-Identifier: Apache-2.0
package io.e2relay.loadtest.delivery;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// What is measured, how often, how long and how large.
///
/// @param names of the measurements
/// @param size of the largest room; others are in proportion
/// @param server the command to which the server's own arguments are added
record Plan(List<String> names, int rounds, int seconds, int size, List<String> server) {
  static final List<String> NAMES = List.of("fanout", "pairs", "append", "catchup", "idle", "accept");

  private static final int ROUNDS = 5;
  private static final int SECONDS = 3;
  private static final int SIZE = 1000;
  private static final String SERVER = "--";

  /// `NAME... [--rounds N] [--seconds N] [--size N] -- COMMAND...`
  static Plan of(List<String> arguments) {
    int end = arguments.indexOf(SERVER);
    if (end < 0 || end == arguments.size() - 1) {
      throw new IllegalArgumentException("the server's command is missing");
    }
    List<String> words = new ArrayList<>(arguments.subList(0, end));
    Plan plan = new Plan(words, taken(words, "--rounds", ROUNDS), taken(words, "--seconds", SECONDS),
        taken(words, "--size", SIZE), List.copyOf(arguments.subList(end + 1, arguments.size())));
    return new Plan(List.copyOf(words), plan.rounds, plan.seconds, plan.size, plan.server);
  }

  long nanos() {
    return TimeUnit.SECONDS.toNanos(seconds);
  }

  private static int taken(List<String> words, String option, int otherwise) {
    int at = words.indexOf(option);
    if (at < 0) {
      return otherwise;
    }
    words.remove(at);
    return Integer.parseInt(words.remove(at));
  }
}
