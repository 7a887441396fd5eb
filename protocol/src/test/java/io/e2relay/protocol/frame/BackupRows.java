// SPDX-License-Identifier: Apache-2.0
package io.e2relay.protocol.frame;

import static io.e2relay.protocol.frame.FrameRulesTest.id;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.error.ErrorCode;
import io.e2relay.protocol.frame.FrameRulesTest.Row;
import io.e2relay.protocol.record.BackupBlob;
import io.e2relay.protocol.record.SelfBlob;
import io.e2relay.protocol.wire.ClientFrame;
import io.e2relay.protocol.wire.DeleteBackup;
import io.e2relay.protocol.wire.GetSelf;
import io.e2relay.protocol.wire.OpenBackup;
import io.e2relay.protocol.wire.PutBackup;
import io.e2relay.protocol.wire.PutSelf;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// The fields of requests about backups and self blobs, at their limits and beyond.
final class BackupRows {
  private BackupRows() {
  }

  static Stream<Row> rows() {
    return Stream.of(puts(), opens(), selves()).flatMap(rows -> rows);
  }

  private static Stream<Row> puts() {
    return Stream.of(
        new Row("put_backup.blob", ErrorCode.TOO_LARGE, put(p -> p.setBlob(id(BackupBlob.BYTES_MAX))),
            put(p -> p.setBlob(id(BackupBlob.BYTES_MAX + 1)))),
        new Row("put_backup.blob, none", ErrorCode.MALFORMED, put(p -> p.setBlob(id(1))), put(p -> p.clearBlob())),
        new Row("put_backup.auth", ErrorCode.MALFORMED, put(p -> p.setAuth(id(32))), put(p -> p.setAuth(id(33)))),
        new Row("put_backup.auth, none", ErrorCode.MALFORMED, put(p -> p.setAuth(id(32))), put(p -> p.clearAuth())),
        new Row("put_backup.recovery_auth", ErrorCode.MALFORMED, put(p -> p.setRecoveryAuth(id(32))),
            put(p -> p.setRecoveryAuth(id(31)))),
        new Row("put_backup.follows", ErrorCode.MALFORMED, put(p -> p.setFollows(Limits.SEQ_MAX)),
            put(p -> p.setFollows(Limits.SEQ_MAX + 1))),
        new Row("delete_backup.bundle_seq", ErrorCode.MALFORMED, delete(Limits.SEQ_MAX), delete(Limits.SEQ_MAX + 1)),
        new Row("delete_backup.bundle_seq, none", ErrorCode.MALFORMED, delete(1), delete(0)));
  }

  private static Stream<Row> opens() {
    return Stream.of(
        new Row("open_backup.backup_id", ErrorCode.MALFORMED, open(o -> o.setAuth(id(32))),
            open(o -> o.setAuth(id(32)).setBackupId(id(15)))),
        new Row("open_backup.proof", ErrorCode.MALFORMED, open(o -> o.setRecoveryAuth(id(32))),
            open(o -> o.clearProof())),
        new Row("open_backup.auth", ErrorCode.MALFORMED, open(o -> o.setAuth(id(32))), open(o -> o.setAuth(id(31)))),
        new Row("open_backup.auth, empty", ErrorCode.MALFORMED, open(o -> o.setAuth(id(32))),
            open(o -> o.setAuth(ByteString.EMPTY))),
        new Row("open_backup.recovery_auth", ErrorCode.MALFORMED, open(o -> o.setRecoveryAuth(id(32))),
            open(o -> o.setRecoveryAuth(id(33)))));
  }

  private static Stream<Row> selves() {
    int most = Limits.SELF_KINDS_PER_REQUEST_MAX;
    return Stream.of(
        new Row("put_self.blob", ErrorCode.TOO_LARGE, putSelf(SelfBlob.BYTES_MAX), putSelf(SelfBlob.BYTES_MAX + 1)),
        new Row("put_self.blob, none", ErrorCode.MALFORMED, putSelf(1), putSelf(0)),
        new Row("get_self.kinds", ErrorCode.LIMIT_EXCEEDED, getSelf(IntStream.rangeClosed(1, most)),
            getSelf(IntStream.rangeClosed(1, most + 1))),
        new Row("get_self.kinds, large", ErrorCode.MALFORMED, getSelf(IntStream.of(255)), getSelf(IntStream.of(256))),
        new Row("get_self.kinds, all bits", ErrorCode.MALFORMED, getSelf(IntStream.empty()), getSelf(IntStream.of(-1))),
        new Row("get_self.kinds, 0", ErrorCode.MALFORMED, getSelf(IntStream.of(1)), getSelf(IntStream.of(0))), new Row(
            "get_self.kinds, twice", ErrorCode.MALFORMED, getSelf(IntStream.of(1, 2)), getSelf(IntStream.of(1, 1))));
  }

  private static ClientFrame put(UnaryOperator<PutBackup.Builder> change) {
    PutBackup.Builder put = PutBackup.newBuilder().setBlob(id(9)).setAuth(id(32)).setRecoveryAuth(id(32));
    return frame(ClientFrame.newBuilder().setPutBackup(change.apply(put)));
  }

  private static ClientFrame open(UnaryOperator<OpenBackup.Builder> change) {
    return frame(ClientFrame.newBuilder().setOpenBackup(change.apply(OpenBackup.newBuilder().setBackupId(id(16)))));
  }

  private static ClientFrame delete(long bundleSeq) {
    return frame(ClientFrame.newBuilder().setDeleteBackup(DeleteBackup.newBuilder().setBundleSeq(bundleSeq)));
  }

  private static ClientFrame putSelf(int bytes) {
    return frame(ClientFrame.newBuilder().setPutSelf(PutSelf.newBuilder().setBlob(id(bytes))));
  }

  private static ClientFrame getSelf(IntStream kinds) {
    List<Integer> all = kinds.boxed().toList();
    return frame(ClientFrame.newBuilder().setGetSelf(GetSelf.newBuilder().addAllKinds(all)));
  }

  private static ClientFrame frame(ClientFrame.Builder request) {
    return request.setId(7).build();
  }
}
