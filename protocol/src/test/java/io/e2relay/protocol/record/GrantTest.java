// SPDX-License-Identifier: Apache-2.0
package io.e2relay.protocol.record;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.id.Epoch;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class GrantTest {
  static Stream<Grant> records() {
    GrantStatement good = Samples.grant().statement();
    return Stream.of(Samples.grant(),
        new Grant(changed(good, 1, new AccountKey(1, Hash.NONE, 1), GrantKind.HISTORY), Samples.signature(0)),
        new Grant(
            changed(good, Samples.U32, new AccountKey(Samples.U64, Samples.hash(0xff), Samples.U32), GrantKind.REWRAP),
            Samples.signature(0xff)));
  }

  @ParameterizedTest
  @MethodSource("records")
  void a_grant_is_read_as_it_was_written(Grant grant) {
    assertEquals(new Reading.Read<>(grant), Grant.read(grant.bytes()));
    assertEquals(178, grant.statement().tbs().size());
  }

  @TestFactory
  Stream<DynamicTest> a_grant_with_a_fault_is_refused_by_the_first() {
    ByteString good = Samples.grant().bytes();
    return new Spoilt(good, Grant::read).with("version 2", Fault.UNKNOWN_VERSION, 0, "02")
        .with("epoch 0", Fault.OUT_OF_RANGE, 33, "00000000").with("account 0", Fault.OUT_OF_RANGE, 85, "00".repeat(8))
        .with("generation 0", Fault.OUT_OF_RANGE, 125, "00000000").with("kind 0", Fault.UNKNOWN_VALUE, 129, "00")
        .with("kind 3", Fault.UNKNOWN_VALUE, 129, "03").with("granter's 0", Fault.OUT_OF_RANGE, 162, "00".repeat(8))
        .with("created at 2^53", Fault.OUT_OF_RANGE, 170, "0020000000000000").cutShort(good.size()).trailing().tests();
  }

  @Test
  void what_a_reader_would_refuse_cannot_be_made() {
    GrantStatement good = Samples.grant().statement();
    AccountRecordTest.refused(Fault.OUT_OF_RANGE, () -> changed(good, 1, AccountKey.NONE, GrantKind.REWRAP));
    AccountRecordTest.refused(Fault.OUT_OF_RANGE, () -> changed(good, 1L << 32, good.account(), GrantKind.REWRAP));
    assertEquals(good, changed(good, good.epoch().value(), good.account(), good.kind()));
  }

  private static GrantStatement changed(GrantStatement from, long epoch, AccountKey account, GrantKind kind) {
    return new GrantStatement(from.conversation(), new Epoch(epoch), from.epochHash(), from.grantee(), account, kind,
        from.granter(), from.createdMs());
  }
}
