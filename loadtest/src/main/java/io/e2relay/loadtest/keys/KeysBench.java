// SPDX-License-Identifier: Apache-2.0
package io.e2relay.loadtest.keys;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// Measures what the service spends on members and keys of encrypted conversations, beside the bare verification of the
/// signatures that it cannot do without. Run by `deploy/e2relay bench keys`; for the rotation of a conversation of
/// 1,000 a ratio of 3 is the aim.
public final class KeysBench {
  private static final String COMMAND = "--";
  private static final int SIZE_MIN = 10;
  private static final int SIZE_MAX = 1_000;

  /// @param sizeMax of a roster; operations on larger ones are left out, and the largest activation is of so many
  private record Plan(int rounds, int sizeMax, int turnsMax, List<String> command) {
    static Plan of(List<String> arguments) {
      int end = arguments.indexOf(COMMAND);
      if (end < 0 || end + 1 == arguments.size()) {
        throw new IllegalArgumentException("usage: [rounds size-max turns-max] -- the server's command");
      }
      List<Integer> numbers = arguments.subList(0, end).stream().map(Integer::valueOf).toList();
      List<String> command = arguments.subList(end + 1, arguments.size());
      return numbers.isEmpty()
          ? new Plan(5, SIZE_MAX, 200, command)
          : new Plan(numbers.get(0), numbers.get(1), numbers.get(2), command);
    }

    /// Fewer of what is large: each takes longer.
    int turns(int size) {
      return Math.min(turnsMax, 200_000 / size);
    }

    List<Operation> operations(Town town) {
      List<Operation> all = new ArrayList<>();
      IntStream.of(SIZE_MIN, 100).filter(size -> size < sizeMax)
          .forEach(size -> all.add(new Adding(town, size, turns(size))));
      IntStream.of(SIZE_MIN, 100, SIZE_MAX).filter(size -> size <= sizeMax)
          .forEach(size -> all.add(new Rotating(town, size, turns(size))));
      all.add(new Activating(town, sizeMax - 1));
      return all;
    }
  }

  private KeysBench() {
  }

  public static void main(String[] arguments) throws IOException {
    Plan plan = Plan.of(Arrays.asList(arguments));
    Path folder = Files.createTempDirectory("e2relay-bench");
    try (ServiceProcess service = ServiceProcess.start(plan.command(), folder); Door door = new Door(service)) {
      print(measured(plan, new Town(door, plan.sizeMax()), new Meter(service)));
    } finally {
      remove(folder);
    }
  }

  private static List<Result> measured(Plan plan, Town town, Meter meter) {
    IO.println("Java %s, %s, %d processors, PostgreSQL with fsync; %d rounds".formatted(Runtime.version(),
        System.getProperty("os.arch"), Runtime.getRuntime().availableProcessors(), plan.rounds()));
    IO.println(Result.HEAD);
    meter.compile(new Rotating(town, SIZE_MIN, plan.turnsMax()));
    List<Result> results = new ArrayList<>();
    for (Operation operation : plan.operations(town)) {
      meter.warmUp(operation);
      List<Meter.Round> rounds = new ArrayList<>();
      for (int i = 0; i < plan.rounds(); i++) {
        rounds.add(meter.round(operation));
      }
      Result result = new Result(operation.name(), rounds);
      results.add(result);
      IO.println(result.row());
    }
    return results;
  }

  private static void print(List<Result> results) {
    results.forEach(result -> IO.println(result.shown()));
    IO.println(
        results.stream().map(Result::json).collect(Collectors.joining(",", "{\"bench\":\"keys\",\"results\":[", "]}")));
  }

  private static void remove(Path folder) throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path one : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(one);
      }
    }
  }
}
