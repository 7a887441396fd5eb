// SPDX-License-Identifier: Apache-2.0
package io.e2relay.protocol.record;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.security.SecureRandom;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/// Whatever the bytes are: the record that has exactly these bytes, or a fault; never an exception, and memory in
/// proportion to the bytes.
///
/// A failure prints its seed; run again with -De2relay.seed=N.
final class RecordProperties {
  private static final int MUTATIONS = 1_000_000;
  private static final int FLOOR_BYTES = 512;
  private static final int AMPLIFICATION_MAX = 20;
  private static final int SAMPLED_EVERY = 16;
  private static final long SEED = Long.getLong("e2relay.seed", new SecureRandom().nextLong());
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  /// A record type: how it is read and written, and some good ones.
  private record Kind(Function<ByteString, Reading<ByteString>> again, List<ByteString> good) {
    static <T> Kind of(Function<ByteString, Reading<T>> read, Function<T, ByteString> write, List<T> good) {
      return new Kind(bytes -> switch (read.apply(bytes)) {
        case Reading.Read<T>(T value) -> new Reading.Read<>(write.apply(value));
        case Reading.Unreadable<T>(Fault fault) -> new Reading.Unreadable<>(fault);
      }, good.stream().map(write).toList());
    }
  }

  private static final List<Kind> KINDS = List.of(
      Kind.of(AccountRecord::read, AccountRecord::bytes, AccountRecordTest.records().toList()),
      Kind.of(Genesis::read, Genesis::bytes, GenesisTest.records().toList()),
      Kind.of(EpochRecord::read, EpochRecord::bytes,
          List.of(Samples.epoch(1, 1, EpochReason.CREATED, 0), Samples.epoch(3, 2, EpochReason.ADDED, 112),
              Samples.epoch(20, 9, EpochReason.PERIODIC, 112))),
      Kind.of(Grant::read, Grant::bytes, GrantTest.records().toList()),
      Kind.of(Envelope::read, Envelope::bytes,
          List.of(Samples.content(256), Samples.tombstone(), Samples.ephemeral(), Samples.receipt(9))),
      Kind.of(SelfBlob::read, SelfBlob::bytes, List.of(Samples.self(256), Samples.self(512))),
      Kind.of(Heads::read, Heads::bytes, List.of(Samples.heads(0), Samples.heads(3), Samples.heads(20))),
      Kind.of(BackupBlob::read, BackupBlob::bytes, List.of(Samples.backup(1), Samples.backup(3))));

  private final RandomGenerator random = new SplittableRandom(SEED);
  private final Set<Fault> faults = EnumSet.noneOf(Fault.class);
  private int accepted;
  private double most;
  private long sampled;
  private double sampledSum;

  @Test
  void spoilt_records_are_refused_or_are_exactly_what_they_say() {
    for (int i = 0; i < MUTATIONS; i++) {
      Kind kind = KINDS.get(i % KINDS.size());
      ByteString good = kind.good().get(random.nextInt(kind.good().size()));
      ByteString spoilt = good;
      for (int rounds = 1 + random.nextInt(2); rounds > 0; rounds--) {
        spoilt = spoilt(spoilt);
      }
      look(kind, spoilt, i);
    }
    double mean = sampledSum / sampled;
    IO.println(
        "shown: record-fuzz mutations=%d accepted=%d faults=%s max_amplification=%.1f mean_amplification=%.1f seed=%d"
            .formatted(MUTATIONS, accepted, faults.size(), most, mean, SEED));
    assertTrue(accepted > MUTATIONS / 10 && accepted < MUTATIONS * 9 / 10, "both happened: " + accepted);
    assertEquals(EnumSet.range(Fault.TRUNCATED, Fault.WEAK_KDF), faults, hint());
    assertTrue(mean < AMPLIFICATION_MAX, hint());
  }

  @Test
  void a_count_that_promises_what_is_not_there_costs_nothing() {
    ByteString head = Samples.epoch(1, 2, EpochReason.ADDED, 0).bytes().substring(0, 146);
    ByteString promise = head.concat(ByteString.fromHex("03e8"));
    assertEquals(new Reading.Unreadable<>(Fault.TRUNCATED), EpochRecord.read(promise));
    assertTrue(amplification(promise, EpochRecord::read) <= AMPLIFICATION_MAX);
  }

  private void look(Kind kind, ByteString bytes, int round) {
    Reading<ByteString> again;
    try {
      again = kind.again().apply(bytes);
      if (round % SAMPLED_EVERY == 0 && round > MUTATIONS / 10) {
        double amplification = amplification(bytes, kind.again());
        most = Math.max(most, amplification);
        sampled++;
        sampledSum += amplification;
        assertTrue(amplification <= AMPLIFICATION_MAX,
            () -> "%s amplification=%.1f on %s".formatted(hint(), amplification, hex(bytes)));
      }
    } catch (RuntimeException e) {
      throw new AssertionError(hint() + " threw on " + hex(bytes), e);
    }
    switch (again) {
      case Reading.Read<ByteString>(ByteString written) -> {
        assertEquals(bytes, written, () -> hint() + " on " + hex(bytes));
        accepted++;
      }
      case Reading.Unreadable<ByteString>(Fault fault) -> faults.add(fault);
    }
  }

  /// Of reading and writing; tried again where it seems too much, because a first visit to a branch loads classes.
  private static double amplification(ByteString bytes, Function<ByteString, ?> read) {
    double least = Double.MAX_VALUE;
    for (int tries = 0; tries < 5 && least > AMPLIFICATION_MAX; tries++) {
      long before = THREADS.getCurrentThreadAllocatedBytes();
      Object kept = read.apply(bytes);
      long allocated = THREADS.getCurrentThreadAllocatedBytes() - before;
      assertTrue(kept != null);
      least = Math.min(least, (double) allocated / Math.max(FLOOR_BYTES, bytes.size()));
    }
    return least;
  }

  private ByteString spoilt(ByteString bytes) {
    int at = random.nextInt(bytes.size() + 1);
    int to = Math.min(bytes.size(), at + 1 + random.nextInt(8));
    return switch (random.nextInt(8)) {
      case 0, 1 -> replaced(bytes, 1 << random.nextInt(8));
      case 2 -> replaced(bytes, 0xff);
      case 3 -> bytes.substring(0, at);
      case 4 -> bytes.substring(0, at).concat(bytes.substring(to));
      case 5 -> bytes.substring(0, at).concat(chance(1 + random.nextInt(8))).concat(bytes.substring(at));
      case 6 -> bytes.substring(0, at).concat(chance(to - at)).concat(bytes.substring(to));
      case 7 -> bytes.substring(0, at).concat(Samples.filled(to - at, random.nextBoolean() ? 0xff : 0))
          .concat(bytes.substring(to));
      default -> throw new IllegalStateException("eight ways");
    };
  }

  private ByteString replaced(ByteString bytes, int mask) {
    if (bytes.isEmpty()) {
      return bytes;
    }
    // Half of the time near the beginning, where the fields are that a reader looks at.
    int at = random.nextInt(random.nextBoolean() ? bytes.size() : Math.min(bytes.size(), 220));
    byte[] changed = bytes.toByteArray();
    changed[at] ^= (byte) mask;
    return ByteString.copyFrom(changed);
  }

  private ByteString chance(int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return ByteString.copyFrom(bytes);
  }

  private static String hint() {
    return "seed=" + SEED;
  }

  private static String hex(ByteString bytes) {
    return HexFormat.of().formatHex(bytes.toByteArray());
  }
}
