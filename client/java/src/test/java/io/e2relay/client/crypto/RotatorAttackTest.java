// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.crypto;

import static io.e2relay.client.crypto.Octets.value;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.e2relay.client.crypto.Opening.Evidence;
import io.e2relay.protocol.record.EpochReason;
import io.e2relay.protocol.record.EpochRecord;
import io.e2relay.protocol.record.Fault;
import io.e2relay.protocol.record.HistoryPolicy;
import io.e2relay.protocol.verify.Signatures;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// Members and services that hand out other keys than they say.
final class RotatorAttackTest {
  private final TestGroup group = new TestGroup(HistoryPolicy.FULL);

  @Test
  void a_rotator_who_splits_the_group_is_found_out_and_the_record_names_it() {
    MadeEpoch epoch = group.next(EpochReason.ADDED, group.bob, group.carol);
    SymmetricKey second = SymmetricKey.generate();
    ByteString forCarol = group.maker(group.alice).wraps(epoch.record(), second).get(group.carol.uid());
    assertEquals(new Opening.Opened(epoch.key()),
        group.bob.opening().open(epoch.record(), epoch.wrapFor(group.bob.uid())));
    assertEquals(new Opening.Opened(epoch.key()),
        group.carol.opening().open(epoch.record(), epoch.wrapFor(group.carol.uid())));
    Opening.Refused refused = (Opening.Refused) group.carol.opening().open(epoch.record(),
        java.util.Objects.requireNonNull(forCarol));
    assertEquals(Fault.BAD_COMMITMENT, refused.fault());
    EpochRecord shown = value(EpochRecord.read(record(refused.evidence()).bytes()));
    assertEquals(group.alice.uid(), shown.statement().rotator().uid());
    assertTrue(
        Signatures.verify(group.alice.keys.signing().publicKey(), "epoch", shown.statement().tbs(), shown.signature()),
        "anybody can tell who signed it");
    IO.println(
        "shown: split-group wraps=2 opened=1 fault=" + refused.fault() + " evidence_bytes=" + shown.bytes().size());
  }

  @Test
  void a_key_that_the_service_wraps_is_none() {
    ByteString ofService = group.maker(group.carol).wraps(group.epoch.record(), SymmetricKey.generate())
        .get(group.bob.uid());
    assertEquals(Fault.BAD_COMMITMENT,
        ((Opening.Refused) group.bob.opening().open(group.epoch.record(), java.util.Objects.requireNonNull(ofService)))
            .fault());
    assertEquals(new Opening.Opened(group.epoch.key()),
        group.bob.opening().open(group.epoch.record(), group.epoch.wrapFor(group.bob.uid())));
  }

  @Test
  void a_wrap_of_another_epoch_or_member_is_no_key() {
    MadeEpoch first = group.epoch;
    MadeEpoch second = group.next(EpochReason.PERIODIC, group.bob);
    Opening cannot = new Opening.Refused(Fault.CANNOT_OPEN, Optional.empty());
    assertEquals(cannot, group.bob.opening().open(second.record(), first.wrapFor(group.bob.uid())));
    assertEquals(cannot, group.bob.opening().open(first.record(), second.wrapFor(group.bob.uid())));
    assertEquals(cannot, group.bob.opening().open(second.record(), second.wrapFor(group.alice.uid())));
    assertEquals(new Opening.Opened(second.key()),
        group.bob.opening().open(second.record(), second.wrapFor(group.bob.uid())));
  }

  private static EpochRecord record(Optional<Evidence> evidence) {
    return switch (evidence.orElseThrow()) {
      case Evidence.OfEpoch(EpochRecord record) -> record;
      case Evidence.OfGrant _ -> throw new AssertionError("a grant");
    };
  }
}
