// SPDX-License-Identifier: Apache-2.0
package io.e2relay.protocol.record;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.id.Epoch;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class EpochRecordTest {
  private static final int LENGTH = 144;
  /// Behind a link to the history.
  private static final int ROSTER = LENGTH + 2 + 112 + 2;

  static Stream<EpochRecord> records() {
    return Stream.of(Samples.epoch(1, 1, EpochReason.CREATED, 0), Samples.epoch(3, 2, EpochReason.ADDED, 112),
        Samples.epoch(1000, Samples.U32, EpochReason.RESTARTED, 0),
        Samples.epoch(1000, Samples.U32, EpochReason.PERIODIC, 112));
  }

  @ParameterizedTest
  @MethodSource("records")
  void a_record_is_read_as_it_was_written(EpochRecord record) {
    assertEquals(new Reading.Read<>(record), EpochRecord.read(record.bytes()));
  }

  @Test
  void its_size_is_that_of_its_parts() {
    assertEquals(ROSTER + 3 * 62 + 8 + 64, Samples.epoch(3, 2, EpochReason.ADDED, 112).bytes().size());
    assertEquals(ROSTER - 112 + 62 + 8 + 64, Samples.epoch(1, 1, EpochReason.CREATED, 0).bytes().size());
  }

  @TestFactory
  Stream<DynamicTest> a_record_with_a_fault_is_refused_by_the_first() {
    ByteString good = Samples.epoch(3, 2, EpochReason.ADDED, 112).bytes();
    int last = ROSTER + 2 * 62;
    return new Spoilt(good, EpochRecord::read).with("version 3", Fault.UNKNOWN_VERSION, 0, "03")
        .with("suite 2", Fault.UNKNOWN_SUITE, 1, "0002").with("epoch 0", Fault.OUT_OF_RANGE, 35, "00000000")
        .with("reason 0", Fault.UNKNOWN_VALUE, 71, "00").with("reason 12", Fault.UNKNOWN_VALUE, 71, "0c")
        .with("account 0", Fault.OUT_OF_RANGE, 104, "0000000000000000")
        .with("link of 111", Fault.WRONG_LENGTH, LENGTH, "006f")
        .with("link of 65535", Fault.WRONG_LENGTH, LENGTH, "ffff")
        .with("nobody", Fault.OUT_OF_RANGE, ROSTER - 2, "0000").with("1001", Fault.OUT_OF_RANGE, ROSTER - 2, "03e9")
        .with("role 2", Fault.UNKNOWN_VALUE, ROSTER + 16, "02").with("state 2", Fault.UNKNOWN_VALUE, ROSTER + 17, "02")
        .with("account of 2^53", Fault.OUT_OF_RANGE, ROSTER + 18, "0020000000000000")
        .with("active without account", Fault.CONTRADICTION, ROSTER + 18, "00".repeat(44))
        .with("generation, but no account", Fault.CONTRADICTION, ROSTER + 18, "00".repeat(40))
        .with("uid twice", Fault.UNSORTED, ROSTER + 62, "a0".repeat(14) + "0000")
        .with("pending with a bit of an account", Fault.CONTRADICTION, last + 61, "01")
        .with("created at 2^53", Fault.OUT_OF_RANGE, last + 62, "0020000000000000").cutShort(good.size()).trailing()
        .whole("1000 entries announced", Fault.TRUNCATED,
            good.substring(0, ROSTER - 2).concat(ByteString.fromHex("03e8")).concat(good.substring(ROSTER, last + 62)))
        .tests();
  }

  @TestFactory
  Stream<DynamicTest> fields_that_exclude_each_other_are_refused() {
    ByteString linked = Samples.epoch(1, 2, EpochReason.ADDED, 112).bytes();
    ByteString first = Samples.epoch(1, 1, EpochReason.CREATED, 0).bytes();
    ByteString firstLinked = first.substring(0, LENGTH).concat(linked.substring(LENGTH, LENGTH + 114))
        .concat(first.substring(LENGTH + 2));
    return Stream
        .of(new Spoilt(linked, EpochRecord::read).with("a link over a restart", Fault.CONTRADICTION, 71, "0b").tests(),
            new Spoilt(linked, EpochRecord::read).with("created twice", Fault.CONTRADICTION, 71, "01").tests(),
            new Spoilt(first, EpochRecord::read).with("first, but not created", Fault.CONTRADICTION, 71, "02")
                .whole("a link before the first", Fault.CONTRADICTION, firstLinked).tests())
        .flatMap(tests -> tests);
  }

  @Test
  void an_entry_in_the_wrong_place_is_found_wrong_in_itself_first() {
    byte[] both = Samples.epoch(3, 2, EpochReason.ADDED, 0).bytes().toByteArray();
    int second = ROSTER - 112 + 62;
    both[second] = 0;
    assertEquals(new Reading.Unreadable<>(Fault.UNSORTED), EpochRecord.read(ByteString.copyFrom(both)));
    both[second + 25] = 0;
    assertEquals(new Reading.Unreadable<>(Fault.CONTRADICTION), EpochRecord.read(ByteString.copyFrom(both)));
  }

  @Test
  void what_a_reader_would_refuse_cannot_be_made() {
    EpochStatement good = Samples.epoch(3, 2, EpochReason.ADDED, 112).statement();
    AccountRecordTest.refused(Fault.OUT_OF_RANGE, () -> changed(good, 1L << 32, good.histLink(), good.roster()));
    AccountRecordTest.refused(Fault.OUT_OF_RANGE, () -> changed(good, 2, good.histLink(), List.of()));
    AccountRecordTest.refused(Fault.UNSORTED, () -> changed(good, 2, good.histLink(), good.roster().reversed()));
    AccountRecordTest.refused(Fault.WRONG_LENGTH, () -> changed(good, 2, good.histLink().substring(1), good.roster()));
    AccountRecordTest.refused(Fault.CONTRADICTION, () -> changed(good, 1, good.histLink(), good.roster()));
    AccountRecordTest.refused(Fault.CONTRADICTION,
        () -> new RosterEntry(good.rotator().uid(), RosterRole.MEMBER, RosterState.ACTIVE, AccountKey.NONE));
    assertEquals(good, changed(good, 2, good.histLink(), good.roster()));
  }

  @Test
  void a_member_is_found_by_its_uid() {
    EpochStatement statement = Samples.epoch(3, 2, EpochReason.ADDED, 0).statement();
    assertEquals(statement.roster().get(1), statement.entry(statement.roster().get(1).uid()).orElseThrow());
    assertTrue(statement.entry(statement.rotator().uid()).isEmpty());
  }

  @Test
  void beside_another_a_record_reads_the_same_and_shares_the_entries_that_are_the_same() {
    EpochStatement all = Samples.epoch(100, 2, EpochReason.ADDED, 112).statement();
    EpochRecord known = new EpochRecord(all, Samples.signature(0x36));
    List<RosterEntry> other = new ArrayList<>(all.roster());
    // One is another, the first and the last are gone, and one is new.
    other.set(50, Samples.member(50, RosterState.ACTIVE));
    other.removeFirst();
    other.set(other.size() - 1, Samples.member(100, RosterState.ACTIVE));
    EpochRecord next = new EpochRecord(changed(all, 3, all.histLink(), other), Samples.signature(0x37));
    EpochRecord read = switch (EpochRecord.readBeside(known, next.bytes())) {
      case Reading.Read<EpochRecord>(EpochRecord is) -> is;
      case Reading.Unreadable<EpochRecord>(Fault fault) -> throw new AssertionError(fault);
    };
    assertEquals(next, read);
    assertEquals(EpochRecord.read(next.bytes()), new Reading.Read<>(read));
    assertEquals(next.hash(), read.hash());
    assertSame(all.roster().get(1), read.statement().roster().getFirst());
    assertSame(all.roster().get(98), read.statement().roster().get(97));
    assertNotEquals(all.roster().get(50), read.statement().roster().get(49));
  }

  @TestFactory
  Stream<DynamicTest> beside_another_the_same_faults_are_found() {
    EpochRecord known = Samples.epoch(3, 2, EpochReason.ADDED, 112);
    ByteString good = known.bytes();
    return new Spoilt(good, bytes -> EpochRecord.readBeside(known, bytes))
        .with("role 2", Fault.UNKNOWN_VALUE, ROSTER + 16, "02")
        .with("active without account", Fault.CONTRADICTION, ROSTER + 18, "00".repeat(44))
        .with("uid twice", Fault.UNSORTED, ROSTER + 62, "a0".repeat(14) + "0000")
        .whole("an entry twice", Fault.UNSORTED, good.substring(0, ROSTER + 62)
            .concat(good.substring(ROSTER, ROSTER + 62)).concat(good.substring(ROSTER + 124)))
        .cutShort(good.size()).trailing().tests();
  }

  private static EpochStatement changed(EpochStatement from, long epoch, ByteString link, List<RosterEntry> roster) {
    return new EpochStatement(from.conversation(), new Epoch(epoch), from.prev(), from.reason(), from.rotator(),
        from.keyCommitment(), link, roster, from.createdMs());
  }
}
