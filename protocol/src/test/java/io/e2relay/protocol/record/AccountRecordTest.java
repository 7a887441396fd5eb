// SPDX-License-Identifier: Apache-2.0
package io.e2relay.protocol.record;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.id.DeviceId;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class AccountRecordTest {
  private static final int DEVICES = 211;
  private static final int DEVICE = 162;
  /// Behind two devices.
  private static final int CREATED = DEVICES + 2 * DEVICE;

  static Stream<AccountRecord> records() {
    Continuity byRoot = new Continuity.ByRoot(Samples.signature(0x21));
    Continuity byDevice = new Continuity.ByDevice(new DeviceId(Samples.filled(16, 0x22)), Samples.signature(0x23));
    return Stream.of(Samples.account(1, 1), Samples.account(0, 2), Samples.account(2, 3),
        Samples.account(16, Samples.U64), Samples.account(1, 2, AccountKind.IDENTITY_RESET, new Continuity.None()),
        Samples.account(1, 2, AccountKind.IDENTITY_RESET, byRoot),
        Samples.account(1, 2, AccountKind.IDENTITY_RESET, byDevice),
        Samples.account(0, 2, AccountKind.RESET_VETOED, new Continuity.None()));
  }

  @ParameterizedTest
  @MethodSource("records")
  void a_record_is_read_as_it_was_written(AccountRecord record) {
    assertEquals(new Reading.Read<>(record), AccountRecord.read(record.bytes()));
  }

  @Test
  void its_size_is_that_of_its_parts() {
    assertEquals(CREATED + 8 + 64 + 1 + 2 * 64, Samples.account(2, 3).bytes().size());
    assertEquals(CREATED + 8, Samples.account(2, 3).statement().tbs().size());
  }

  @TestFactory
  Stream<DynamicTest> a_record_with_a_fault_is_refused_by_the_first() {
    ByteString good = Samples.account(2, 3).bytes();
    return new Spoilt(good, AccountRecord::read).with("version 2", Fault.UNKNOWN_VERSION, 0, "02")
        .with("suite 2", Fault.UNKNOWN_SUITE, 1, "0002").with("suite 257", Fault.UNKNOWN_SUITE, 1, "0101")
        .with("seq 0", Fault.OUT_OF_RANGE, 35, "0000000000000000")
        .with("seq 2^53", Fault.OUT_OF_RANGE, 35, "0020000000000000")
        .with("seq 2^63", Fault.OUT_OF_RANGE, 35, "8000000000000003").with("kind 0", Fault.UNKNOWN_VALUE, 75, "00")
        .with("kind 7", Fault.UNKNOWN_VALUE, 75, "07").with("ARK compressed", Fault.MALFORMED_POINT, 76, "02")
        .with("generation 0", Fault.OUT_OF_RANGE, 141, "00000000").with("AEK hybrid", Fault.MALFORMED_POINT, 145, "06")
        .with("17 devices", Fault.OUT_OF_RANGE, 210, "11")
        .with("DSK at infinity", Fault.MALFORMED_POINT, DEVICES + 16, "00")
        .with("DEK hybrid", Fault.MALFORMED_POINT, DEVICES + 81, "07")
        .with("added 0", Fault.OUT_OF_RANGE, DEVICES + 146, "0000000000000000")
        .with("added at 2^53", Fault.OUT_OF_RANGE, DEVICES + 154, "0020000000000000")
        .with("device twice", Fault.UNSORTED, DEVICES + DEVICE, "40".repeat(16))
        .with("devices descend", Fault.UNSORTED, DEVICES + DEVICE, "3f")
        .with("created at 2^53", Fault.OUT_OF_RANGE, CREATED, "0020000000000000")
        .with("added behind seq", Fault.CONTRADICTION, DEVICES + 146, "0000000000000004")
        .with("continuity of a rotation", Fault.CONTRADICTION, CREATED + 72, "01")
        .with("continuity 3", Fault.UNKNOWN_VALUE, CREATED + 72, "03").cutShort(good.size()).trailing()
        .whole("nothing", Fault.TRUNCATED, ByteString.EMPTY).tests();
  }

  @TestFactory
  Stream<DynamicTest> fields_that_exclude_each_other_are_refused() {
    ByteString first = Samples.account(1, 1).bytes();
    ByteString empty = Samples.account(0, 2).bytes();
    return Stream.of(
        new Spoilt(first, AccountRecord::read)
            .with("a generation 2 in the first record", Fault.CONTRADICTION, 141, "00000002").tests(),
        new Spoilt(first, AccountRecord::read).with("something before the first", Fault.CONTRADICTION, 74, "01")
            .tests(),
        new Spoilt(first, AccountRecord::read).with("first, but no genesis", Fault.CONTRADICTION, 75, "04").tests(),
        new Spoilt(empty, AccountRecord::read).with("genesis, but not first", Fault.CONTRADICTION, 75, "01").tests(),
        new Spoilt(empty, AccountRecord::read).with("no device was added", Fault.CONTRADICTION, 75, "02").tests(),
        new Spoilt(empty, AccountRecord::read).with("a reset without device", Fault.CONTRADICTION, 75, "05").tests())
        .flatMap(tests -> tests);
  }

  @Test
  void a_device_in_the_wrong_and_another_place_is_found_wrong_in_itself_first() {
    byte[] both = Samples.account(2, 3).bytes().toByteArray();
    both[DEVICES + DEVICE] = 0x3f;
    both[DEVICES + DEVICE + 81] = 2;
    assertEquals(new Reading.Unreadable<>(Fault.MALFORMED_POINT), AccountRecord.read(ByteString.copyFrom(both)));
  }

  @Test
  void what_a_reader_would_refuse_cannot_be_made() {
    AccountStatement good = Samples.account(2, 3).statement();
    refused(Fault.OUT_OF_RANGE, () -> changed(good, 0, good.aekGen(), good.devices()));
    refused(Fault.OUT_OF_RANGE, () -> changed(good, 1L << 53, good.aekGen(), good.devices()));
    refused(Fault.OUT_OF_RANGE, () -> changed(good, 3, 1L << 32, good.devices()));
    refused(Fault.UNSORTED, () -> changed(good, 3, 2, good.devices().reversed()));
    refused(Fault.CONTRADICTION, () -> changed(good, 1, 1, good.devices()));
    refused(Fault.CONTRADICTION, () -> new AccountRecord(good, Samples.signature(1),
        new Continuity.ByRoot(Samples.signature(2)), List.of(Samples.signature(3), Samples.signature(4))));
    refused(Fault.WRONG_LENGTH,
        () -> new AccountRecord(good, Samples.signature(1), new Continuity.None(), List.of(Samples.signature(3))));
    assertEquals(good, changed(good, 3, good.aekGen(), good.devices()));
  }

  private static AccountStatement changed(AccountStatement from, long seq, long aekGen, List<Device> devices) {
    return new AccountStatement(from.tenant(), from.uid(), seq, from.prev(), from.kind(), from.ark(), aekGen,
        from.aek(), devices, from.createdMs());
  }

  static void refused(Fault fault, org.junit.jupiter.api.function.Executable make) {
    assertEquals(fault.name(), assertThrows(IllegalArgumentException.class, make).getMessage());
  }
}
