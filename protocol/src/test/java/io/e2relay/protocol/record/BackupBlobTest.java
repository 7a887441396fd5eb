// SPDX-License-Identifier: Apache-2.0
package io.e2relay.protocol.record;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import com.google.protobuf.ByteString;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class BackupBlobTest {
  private static final int BUNDLE = 286;

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 1000})
  void a_backup_is_read_as_it_was_written(int generations) {
    BackupBlob backup = Samples.backup(generations);
    assertEquals(new Reading.Read<>(backup), BackupBlob.read(backup.bytes()));
    assertEquals(BUNDLE + 239 + 100 * generations, backup.bytes().size());
  }

  @TestFactory
  Stream<DynamicTest> a_backup_with_a_fault_is_refused_by_the_first() {
    ByteString good = Samples.backup(2).bytes();
    return new Spoilt(good, BackupBlob::read).with("version 2", Fault.UNKNOWN_VERSION, 0, "02")
        .with("kdf 0", Fault.WEAK_KDF, 1, "00").with("kdf 2", Fault.WEAK_KDF, 1, "02")
        .with("599,999 iterations", Fault.WEAK_KDF, 2, "000927bf")
        .with("10,000,001 iterations", Fault.WEAK_KDF, 2, "00989681")
        .with("2^32 - 1 iterations", Fault.WEAK_KDF, 2, "ffffffff")
        .with("bundle 0", Fault.OUT_OF_RANGE, 54, "00".repeat(8)).cutShort(BUNDLE)
        .whole("no bundle", Fault.WRONG_LENGTH, good.substring(0, BUNDLE))
        .whole("a bundle without generation", Fault.WRONG_LENGTH, good.substring(0, BUNDLE + 239))
        .whole("half a generation", Fault.WRONG_LENGTH, good.substring(0, BUNDLE + 239 + 150))
        .whole("a byte more", Fault.WRONG_LENGTH, good.concat(Samples.filled(1, 0))).whole("1001 generations",
            Fault.WRONG_LENGTH, good.substring(0, BUNDLE).concat(Samples.filled(239 + 100_100, 0)))
        .tests();
  }

  @Test
  void the_limits_of_the_iterations_are_inside() {
    ByteString salt = Samples.filled(32, 1);
    assertInstanceOf(Reading.Read.class, KdfParameters.of(1, 600_000, salt));
    assertInstanceOf(Reading.Read.class, KdfParameters.of(1, 10_000_000, salt));
  }

  @Test
  void weak_parameters_are_refused_wherever_they_come_from() {
    ByteString salt = Samples.filled(32, 1);
    Reading<?> weak = new Reading.Unreadable<>(Fault.WEAK_KDF);
    assertEquals(weak, KdfParameters.of(1, 599_999, salt));
    assertEquals(weak, KdfParameters.of(1, 10_000_001, salt));
    assertEquals(weak, KdfParameters.of(1, (1L << 32) + 600_000, salt));
    assertEquals(weak, KdfParameters.of(0, 600_000, salt));
    assertEquals(weak, KdfParameters.of(2, 600_000, salt));
    assertEquals(weak, KdfParameters.of(1, 600_000, salt.substring(1)));
    assertEquals(weak, KdfParameters.of(1, 600_000, salt.concat(salt)));
    AccountRecordTest.refused(Fault.WEAK_KDF, () -> new KdfParameters(1, salt));
    AccountRecordTest.refused(Fault.WEAK_KDF, () -> new KdfParameters(600_000, Samples.filled(16, 1)));
  }

  @Test
  void what_a_reader_would_refuse_cannot_be_made() {
    AccountRecordTest.refused(Fault.WRONG_LENGTH, () -> Samples.backup(0));
    AccountRecordTest.refused(Fault.WRONG_LENGTH, () -> Samples.backup(1001));
  }
}
