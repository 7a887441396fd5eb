// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.schedule;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.e2relay.protocol.record.AddPolicy;
import io.e2relay.protocol.record.HistoryPolicy;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Whatever happens at once, the rules leave nothing behind that must not be: thousands of interleavings, each by its
/// seed. `-Dseed=…` begins with another one, and that of a failure is printed.
final class PureRulesTest {
  private static final int SCHEDULES = 10_000;
  private static final int NOTICED = 3;
  private static final int SCHEDULES_PER_DEFECT_MAX = 3_000;
  /// Of so many schedules one has its signatures verified by the ledger too; the rules verify all.
  private static final int VERIFIED = 10;
  private static final int PEOPLE = 6;
  private static final int REGISTERED = 4;

  private static final List<Founded> FOUNDED = founded();

  @Test
  void whatever_comes_at_once_nothing_is_stored_that_must_not_be() {
    long base = Long.getLong("seed", 1);
    Tally tally = new Tally();
    long messages = 0;
    long epochs = 0;
    for (int i = 0; i < SCHEDULES; i++) {
      long seed = base + i;
      Tables tables = run(seed, tally, Defect.NONE);
      assertEquals(Set.of(), Ledger.read(tables, i % VERIFIED == 0), () -> "run again with -Dseed=" + seed);
      messages += tables.log.stream().filter(entry -> entry.kind() == Tables.Kind.MESSAGE).count();
      epochs += tables.epochs.size();
    }
    for (Step step : Step.values()) {
      assertTrue(tally.done(step) > 0, () -> step + " never succeeds: " + tally);
      assertTrue(!tally.refused(step).isEmpty(), () -> step + " is never refused: " + tally);
    }
    assertTrue(tally.lost() > 0 && tally.before() > 0, tally::toString);
    System.out.printf(
        "shown: schedules name=pure_rules schedules=%d seed=%d steps=%d done=%s refused=%s repeated=%d begun_anew=%d "
            + "messages=%d epochs=%d%n",
        SCHEDULES, base, tally.steps(), tally.doneByStep(), tally.codes(), tally.before(), tally.lost(), messages,
        epochs);
  }

  @ParameterizedTest
  @EnumSource(value = Defect.class, mode = EnumSource.Mode.EXCLUDE, names = "NONE")
  void the_ledger_names_what_a_broken_rule_leaves_behind(Defect defect) {
    Set<Trouble> found = EnumSet.noneOf(Trouble.class);
    int noticed = 0;
    int seed = 0;
    while (noticed < NOTICED && seed < SCHEDULES_PER_DEFECT_MAX) {
      Set<Trouble> troubles = Ledger.read(run(++seed, new Tally(), defect), false);
      noticed += troubles.contains(defect.trouble()) ? 1 : 0;
      found.addAll(troubles);
    }
    assertTrue(noticed == NOTICED, () -> defect + " leaves " + found);
    System.out.printf("shown: schedules-ledger defect=%s schedules=%d noticed=%d as=%s found=%s control=clean%n",
        defect.name().toLowerCase(Locale.ROOT), seed, noticed, defect.trouble(), found);
  }

  @Test
  void the_same_seed_is_the_same_schedule() {
    for (int seed = 1; seed <= 20; seed++) {
      Tally one = new Tally();
      Tally other = new Tally();
      assertEquals(run(seed, one, Defect.NONE).log, run(seed, other, Defect.NONE).log);
      assertEquals(one.toString(), other.toString());
    }
  }

  private static Tables run(long seed, Tally tally, Defect defect) {
    Founded founded = FOUNDED.get((int) Math.floorMod(seed, (long) FOUNDED.size()));
    return new Schedule(seed, founded, tally, defect).run();
  }

  private static List<Founded> founded() {
    List<Citizen> people = IntStream.rangeClosed(1, PEOPLE).mapToObj(Citizen::new).toList();
    List<Founded> all = new ArrayList<>();
    for (HistoryPolicy history : HistoryPolicy.values()) {
      for (AddPolicy add : AddPolicy.values()) {
        all.add(Founded.of(people, REGISTERED, history, add));
      }
    }
    return List.copyOf(all);
  }
}
