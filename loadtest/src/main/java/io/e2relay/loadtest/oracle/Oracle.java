// SPDX-License-Identifier: Apache-2.0
package io.e2relay.loadtest.oracle;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/// Judges the journals of a run: run by `deploy/e2relay oracle`. It fails when anything was lost, came twice, came out
/// of order or was never sent.
public final class Oracle {
  private static final int JUDGED_CLEAN = 0;
  private static final int JUDGED_DAMAGED = 1;
  private static final int NOT_JUDGED = 2;
  private static final double HALF = 0.5;
  private static final double P99 = 0.99;
  private static final double P999 = 0.999;

  private Oracle() {
  }

  public static void main(String[] arguments) {
    System.exit(run(System.out, System.err, arguments));
  }

  /// Judges without ending the process; 0: nothing is wrong, 1: something is, 2: not judged.
  public static int run(PrintStream out, PrintStream error, String... arguments) {
    List<String> words = new ArrayList<>(List.of(arguments));
    boolean json = words.remove("--json");
    if (words.isEmpty()) {
      return notJudged(error, "name the journals of one run; see: deploy/e2relay oracle --help");
    }
    Journal journal = new Journal();
    try {
      for (String word : words) {
        journal.readSendings(Path.of(word));
      }
      for (String word : words) {
        journal.readSightings(Path.of(word));
      }
    } catch (IOException e) {
      return notJudged(error, "cannot read %s".formatted(e.getMessage()));
    } catch (Journal.BadLineException e) {
      return notJudged(error, String.valueOf(e.getMessage()));
    }
    DeliveryVerdict verdict = journal.log().verdict();
    if (verdict.attempted() == 0) {
      return notJudged(error, "nobody sent anything, so there is nothing to judge");
    }
    say(out, figures(verdict, journal.times()), json);
    return verdict.clean() ? JUDGED_CLEAN : JUDGED_DAMAGED;
  }

  private static Map<String, Long> figures(DeliveryVerdict verdict, DeliveryTimes times) {
    Map<String, Long> figures = new LinkedHashMap<>();
    figures.put("attempted", verdict.attempted());
    figures.put("acknowledged", verdict.acknowledged());
    figures.put("delivered", verdict.delivered());
    figures.put("lost", verdict.lost());
    figures.put("duplicated", verdict.duplicated());
    figures.put("unexpected", verdict.unexpected());
    figures.put("out_of_order", verdict.outOfOrder());
    figures.put("latency_p50_ms", times.within(HALF));
    figures.put("latency_p99_ms", times.within(P99));
    figures.put("latency_p999_ms", times.within(P999));
    return figures;
  }

  private static void say(PrintStream out, Map<String, Long> figures, boolean json) {
    if (json) {
      out.println(figures.entrySet().stream().map(figure -> "\"%s\":%d".formatted(figure.getKey(), figure.getValue()))
          .collect(Collectors.joining(",", "{", "}")));
    } else {
      figures.forEach((name, value) -> out.println("%-16s %12d".formatted(name, value)));
    }
  }

  private static int notJudged(PrintStream error, String why) {
    error.println("e2relay: " + why);
    return NOT_JUDGED;
  }
}
