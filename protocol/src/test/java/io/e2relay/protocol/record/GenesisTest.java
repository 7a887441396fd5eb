// SPDX-License-Identifier: Apache-2.0
package io.e2relay.protocol.record;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.id.ConversationId;
import io.e2relay.protocol.id.TenantId;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class GenesisTest {
  static Stream<Genesis> records() {
    TenantId tenant = new TenantId(Samples.filled(16, 0));
    ConversationId predecessor = new ConversationId(Samples.filled(32, 0x77));
    return Stream.of(Samples.genesis(),
        new Genesis(
            new GenesisStatement(tenant, ConversationType.DIRECT, Samples.signer(1), Hash.NONE, Samples.filled(32, 0),
                predecessor, new Policy(HistoryPolicy.FROM_JOIN, AddPolicy.ANY_MEMBER, RewrapPolicy.CONFIRM), 0, 0),
            Samples.signature(0)),
        new Genesis(
            new GenesisStatement(tenant, ConversationType.GROUP, Samples.signer(Samples.U64), Samples.hash(0xff),
                Samples.filled(32, 0xff), predecessor,
                new Policy(HistoryPolicy.FULL, AddPolicy.HOST, RewrapPolicy.CURRENT), Samples.U32, Samples.U64),
            Samples.signature(0xff)));
  }

  @ParameterizedTest
  @MethodSource("records")
  void a_genesis_is_read_as_it_was_written(Genesis genesis) {
    assertEquals(new Reading.Read<>(genesis), Genesis.read(genesis.bytes()));
    assertEquals(171, genesis.statement().tbs().size());
  }

  @TestFactory
  Stream<DynamicTest> a_genesis_with_a_fault_is_refused_by_the_first() {
    ByteString good = Samples.genesis().bytes();
    return new Spoilt(good, Genesis::read).with("version 0", Fault.UNKNOWN_VERSION, 0, "00")
        .with("suite 0", Fault.UNKNOWN_SUITE, 1, "0000").with("type 0", Fault.UNKNOWN_VALUE, 19, "00")
        .with("type 3", Fault.UNKNOWN_VALUE, 19, "03").with("account 0", Fault.OUT_OF_RANGE, 52, "0000000000000000")
        .with("account 2^53", Fault.OUT_OF_RANGE, 52, "0020000000000000")
        .with("history 2", Fault.UNKNOWN_VALUE, 156, "02").with("add 3", Fault.UNKNOWN_VALUE, 157, "03")
        .with("rewrap 3", Fault.UNKNOWN_VALUE, 158, "03")
        .with("created at 2^53", Fault.OUT_OF_RANGE, 163, "0020000000000000").cutShort(good.size()).trailing().tests();
  }

  @Test
  void what_a_reader_would_refuse_cannot_be_made() {
    GenesisStatement good = Samples.genesis().statement();
    AccountRecordTest.refused(Fault.OUT_OF_RANGE, () -> changed(good, Samples.filled(32, 1), 1L << 32));
    AccountRecordTest.refused(Fault.WRONG_LENGTH, () -> changed(good, Samples.filled(31, 1), 1));
    AccountRecordTest.refused(Fault.OUT_OF_RANGE, () -> Samples.signer(0));
    assertEquals(good, changed(good, good.nonce(), good.initialTtlS()));
  }

  private static GenesisStatement changed(GenesisStatement from, ByteString nonce, long ttlS) {
    return new GenesisStatement(from.tenant(), from.type(), from.creator(), from.accountHash(), nonce,
        from.predecessor(), from.policy(), ttlS, from.createdMs());
  }
}
