// SPDX-License-Identifier: Apache-2.0
package io.e2relay.protocol.frame;

import static io.e2relay.protocol.frame.FrameRulesTest.id;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.error.ErrorCode;
import io.e2relay.protocol.frame.FrameRulesTest.Row;
import io.e2relay.protocol.record.EpochRecord;
import io.e2relay.protocol.record.Genesis;
import io.e2relay.protocol.record.Grant;
import io.e2relay.protocol.wire.BadWrap;
import io.e2relay.protocol.wire.ClientFrame;
import io.e2relay.protocol.wire.CreateConversation;
import io.e2relay.protocol.wire.GetEpochs;
import io.e2relay.protocol.wire.GetWraps;
import io.e2relay.protocol.wire.PutEpoch;
import io.e2relay.protocol.wire.PutGrant;
import io.e2relay.protocol.wire.RetireDevice;
import io.e2relay.protocol.wire.TakeWrapJobs;
import io.e2relay.protocol.wire.TrustLevel;
import io.e2relay.protocol.wire.UpgradeConversation;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// The fields of requests about the keys of encrypted conversations, at their limits and beyond: records and wraps of
/// the largest roster are the largest honest requests there are.
final class EpochRows {
  private static final int MOST = Limits.MEMBERS_PER_REQUEST_MAX;

  private EpochRows() {
  }

  static Stream<Row> rows() {
    return Stream.of(creates(), openCreates(), upgrades(), puts(), gets(), grants()).flatMap(rows -> rows);
  }

  private static Stream<Row> creates() {
    return Stream.of(
        new Row("create.record and wraps, largest", ErrorCode.LIMIT_EXCEEDED,
            create(c -> c.setRecord(id(EpochRecord.BYTES_MAX)).addAllWraps(wraps(MOST))),
            create(c -> c.setRecord(id(EpochRecord.BYTES_MAX)).addAllWraps(wraps(MOST + 1)))),
        new Row("create.record", ErrorCode.TOO_LARGE, create(c -> c.setRecord(id(EpochRecord.BYTES_MAX))),
            create(c -> c.setRecord(id(EpochRecord.BYTES_MAX + 1)))),
        new Row("create.record, none", ErrorCode.MALFORMED, create(c -> c.setRecord(id(1))),
            create(c -> c.clearRecord())),
        new Row("create.genesis", ErrorCode.MALFORMED, create(c -> c.setGenesis(id(Genesis.BYTES))),
            create(c -> c.setGenesis(id(Genesis.BYTES + 1)))),
        new Row("create.genesis, none", ErrorCode.MALFORMED, create(c -> c.setGenesis(id(Genesis.BYTES))),
            create(c -> c.clearGenesis())),
        new Row("create.wraps, length", ErrorCode.MALFORMED, create(c -> c.addAllWraps(wraps(1))),
            create(c -> c.addWraps(id(EpochRecord.WRAP_BYTES - 1)))));
  }

  /// What belongs to an encrypted conversation has no place in an open one.
  private static Stream<Row> openCreates() {
    ClientFrame open = create(
        c -> c.setLevel(TrustLevel.TRUST_LEVEL_OPEN).clearGenesis().clearRecord().clearWraps().addMembers(id(16)));
    return Stream.of(
        new Row("create.genesis, open", ErrorCode.MALFORMED, open,
            create(c -> c.setLevel(TrustLevel.TRUST_LEVEL_OPEN).clearRecord())),
        new Row("create.record, open", ErrorCode.MALFORMED, open,
            create(c -> c.setLevel(TrustLevel.TRUST_LEVEL_OPEN).clearGenesis())),
        new Row("create.wraps, open", ErrorCode.MALFORMED, open,
            create(c -> c.setLevel(TrustLevel.TRUST_LEVEL_OPEN).clearGenesis().clearRecord().addAllWraps(wraps(1)))));
  }

  private static Stream<Row> upgrades() {
    return Stream.of(
        new Row("upgrade.record and wraps, largest", ErrorCode.LIMIT_EXCEEDED,
            upgrade(u -> u.setRecord(id(EpochRecord.BYTES_MAX)).addAllWraps(wraps(MOST))),
            upgrade(u -> u.setRecord(id(EpochRecord.BYTES_MAX)).addAllWraps(wraps(MOST + 1)))),
        new Row("upgrade.conversation_id", ErrorCode.MALFORMED, upgrade(u -> u.setConversationId(id(32))),
            upgrade(u -> u.setConversationId(id(31)))),
        new Row("upgrade.genesis", ErrorCode.MALFORMED, upgrade(u -> u.setGenesis(id(Genesis.BYTES))),
            upgrade(u -> u.setGenesis(id(Genesis.BYTES - 1)))),
        new Row("upgrade.record", ErrorCode.TOO_LARGE, upgrade(u -> u.setRecord(id(EpochRecord.BYTES_MAX))),
            upgrade(u -> u.setRecord(id(EpochRecord.BYTES_MAX + 1)))),
        new Row("upgrade.record, none", ErrorCode.MALFORMED, upgrade(u -> u.setRecord(id(1))),
            upgrade(u -> u.clearRecord())),
        new Row("upgrade.wraps, length", ErrorCode.MALFORMED, upgrade(u -> u.addAllWraps(wraps(1))),
            upgrade(u -> u.addWraps(id(EpochRecord.WRAP_BYTES + 1)))));
  }

  private static Stream<Row> puts() {
    return Stream.of(
        new Row("put_epoch.record and wraps, largest", ErrorCode.LIMIT_EXCEEDED,
            put(p -> p.setRecord(id(EpochRecord.BYTES_MAX)).addAllWraps(wraps(MOST))),
            put(p -> p.setRecord(id(EpochRecord.BYTES_MAX)).addAllWraps(wraps(MOST + 1)))),
        new Row("put_epoch.conversation_id", ErrorCode.MALFORMED, put(p -> p.setConversationId(id(32))),
            put(p -> p.setConversationId(id(33)))),
        new Row("put_epoch.record", ErrorCode.TOO_LARGE, put(p -> p.setRecord(id(EpochRecord.BYTES_MAX))),
            put(p -> p.setRecord(id(EpochRecord.BYTES_MAX + 1)))),
        new Row("put_epoch.record, none", ErrorCode.MALFORMED, put(p -> p.setRecord(id(1))), put(p -> p.clearRecord())),
        new Row("put_epoch.wraps, length", ErrorCode.MALFORMED, put(p -> p.addAllWraps(wraps(1))),
            put(p -> p.addWraps(ByteString.EMPTY))));
  }

  private static Stream<Row> gets() {
    return Stream.of(new Row("get_epochs.conversation_id", ErrorCode.MALFORMED, epochs(32, 0), epochs(31, 0)),
        new Row("get_epochs.after_epoch", ErrorCode.MALFORMED, epochs(32, Limits.SEQ_MAX),
            epochs(32, Limits.SEQ_MAX + 1)),
        new Row("get_wraps.conversation_id", ErrorCode.MALFORMED, wrapsOf(32, 0), wrapsOf(33, 0)),
        new Row("get_wraps.after_epoch", ErrorCode.MALFORMED, wrapsOf(32, Limits.SEQ_MAX),
            wrapsOf(32, Limits.SEQ_MAX + 1)),
        new Row("bad_wrap.conversation_id", ErrorCode.MALFORMED, bad(32, 1), bad(31, 1)),
        new Row("bad_wrap.epoch", ErrorCode.MALFORMED, bad(32, Limits.SEQ_MAX), bad(32, Limits.SEQ_MAX + 1)),
        new Row("bad_wrap.epoch, none", ErrorCode.MALFORMED, bad(32, 1), bad(32, 0)));
  }

  private static Stream<Row> grants() {
    ClientFrame retire = frame(ClientFrame.newBuilder().setRetireDevice(RetireDevice.getDefaultInstance()));
    ClientFrame take = frame(ClientFrame.newBuilder().setTakeWrapJobs(TakeWrapJobs.newBuilder().setLimit(-1)));
    return Stream.of(
        new Row("put_grant.grant", ErrorCode.MALFORMED, grant(Grant.BYTES, EpochRecord.WRAP_BYTES),
            grant(Grant.BYTES + 1, EpochRecord.WRAP_BYTES)),
        new Row("put_grant.grant, none", ErrorCode.MALFORMED, grant(Grant.BYTES, EpochRecord.WRAP_BYTES),
            grant(0, EpochRecord.WRAP_BYTES)),
        new Row("put_grant.wrap", ErrorCode.MALFORMED, grant(Grant.BYTES, EpochRecord.WRAP_BYTES),
            grant(Grant.BYTES, EpochRecord.WRAP_BYTES + 1)),
        new Row("put_grant.wrap, none", ErrorCode.MALFORMED, grant(Grant.BYTES, EpochRecord.WRAP_BYTES),
            grant(Grant.BYTES, 0)),
        // Nothing in these two can be wrong but the number of the request.
        new Row("retire_device", ErrorCode.MALFORMED, retire, retire.toBuilder().setId(0).build()),
        new Row("take_wrap_jobs", ErrorCode.MALFORMED, take, take.toBuilder().setId(0).build()));
  }

  private static ClientFrame create(UnaryOperator<CreateConversation.Builder> change) {
    CreateConversation.Builder create = CreateConversation.newBuilder().setRequestId(id(16))
        .setLevel(TrustLevel.TRUST_LEVEL_E2EE).setGenesis(id(Genesis.BYTES)).setRecord(id(9));
    return frame(ClientFrame.newBuilder().setCreateConversation(change.apply(create)));
  }

  private static ClientFrame upgrade(UnaryOperator<UpgradeConversation.Builder> change) {
    UpgradeConversation.Builder upgrade = UpgradeConversation.newBuilder().setConversationId(id(32))
        .setGenesis(id(Genesis.BYTES)).setRecord(id(9));
    return frame(ClientFrame.newBuilder().setUpgradeConversation(change.apply(upgrade)));
  }

  private static ClientFrame put(UnaryOperator<PutEpoch.Builder> change) {
    PutEpoch.Builder put = PutEpoch.newBuilder().setConversationId(id(32)).setRecord(id(9));
    return frame(ClientFrame.newBuilder().setPutEpoch(change.apply(put)));
  }

  private static ClientFrame epochs(int bytes, long after) {
    return frame(ClientFrame.newBuilder()
        .setGetEpochs(GetEpochs.newBuilder().setConversationId(id(bytes)).setAfterEpoch(after)));
  }

  private static ClientFrame wrapsOf(int bytes, long after) {
    return frame(
        ClientFrame.newBuilder().setGetWraps(GetWraps.newBuilder().setConversationId(id(bytes)).setAfterEpoch(after)));
  }

  private static ClientFrame bad(int bytes, long epoch) {
    return frame(
        ClientFrame.newBuilder().setBadWrap(BadWrap.newBuilder().setConversationId(id(bytes)).setEpoch(epoch)));
  }

  private static ClientFrame grant(int grantBytes, int wrapBytes) {
    return frame(
        ClientFrame.newBuilder().setPutGrant(PutGrant.newBuilder().setGrant(id(grantBytes)).setWrap(id(wrapBytes))));
  }

  private static List<ByteString> wraps(int count) {
    return IntStream.range(0, count).mapToObj(_ -> id(EpochRecord.WRAP_BYTES)).toList();
  }

  private static ClientFrame frame(ClientFrame.Builder request) {
    return request.setId(7).build();
  }
}
