// SPDX-License-Identifier: Apache-2.0
package io.e2relay.relay.session;

import static io.e2relay.relay.session.SessionDriver.ANNE;
import static io.e2relay.relay.session.SessionDriver.assertRefused;
import static io.e2relay.relay.session.SessionDriver.frame;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import io.e2relay.protocol.bus.Calls;
import io.e2relay.protocol.bus.wire.BackupTermsCall;
import io.e2relay.protocol.bus.wire.BackupTermsReply;
import io.e2relay.protocol.bus.wire.DeleteBackupCall;
import io.e2relay.protocol.bus.wire.DoneReply;
import io.e2relay.protocol.bus.wire.GetSelfCall;
import io.e2relay.protocol.bus.wire.GetSelfReply;
import io.e2relay.protocol.bus.wire.OpenBackupCall;
import io.e2relay.protocol.bus.wire.OpenBackupReply;
import io.e2relay.protocol.bus.wire.PutBackupCall;
import io.e2relay.protocol.bus.wire.PutSelfCall;
import io.e2relay.protocol.error.ErrorCode;
import io.e2relay.protocol.wire.Backup;
import io.e2relay.protocol.wire.BackupTerms;
import io.e2relay.protocol.wire.ClientFrame;
import io.e2relay.protocol.wire.DeleteBackup;
import io.e2relay.protocol.wire.Done;
import io.e2relay.protocol.wire.Error;
import io.e2relay.protocol.wire.GetBackup;
import io.e2relay.protocol.wire.GetSelf;
import io.e2relay.protocol.wire.OpenBackup;
import io.e2relay.protocol.wire.PutBackup;
import io.e2relay.protocol.wire.PutSelf;
import io.e2relay.protocol.wire.SelfBlobs;
import io.e2relay.protocol.wire.ServerFrame;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Requests about backups and self blobs: whom they ask, for whom, and who may.
final class SessionBackupTest {
  private static final ByteString TENANT = ANNE.tenant().bytes();
  private static final ByteString UID = ANNE.uid().bytes();
  private static final PutBackup PUT = PutBackup.newBuilder().setFollows(3).build();
  private static final OpenBackup OPEN = OpenBackup.newBuilder().setAuth(ByteString.copyFrom(new byte[32])).build();
  private static final PutSelf SELF = PutSelf.newBuilder().setBlob(UID).build();
  private static final DoneReply DONE = DoneReply.newBuilder().setDone(Done.getDefaultInstance()).build();
  private static final ServerFrame DONE_FRAME = ServerFrame.newBuilder().setReplyTo(9)
      .setDone(Done.getDefaultInstance()).build();

  /// A request, what is asked for it, an answer to that, and the reply that it becomes.
  private record Row(ClientFrame.Builder request, Effect.Ask<?, ?> ask, Message answer, ServerFrame reply) {
  }

  private static final List<Row> FOR_DEVICES = List.of(
      new Row(ClientFrame.newBuilder().setPutBackup(PUT),
          new Effect.Ask<>(9, Calls.PUT_BACKUP,
              PutBackupCall.newBuilder().setTenant(TENANT).setCaller(UID).setRequest(PUT).build()),
          DONE, DONE_FRAME),
      new Row(ClientFrame.newBuilder().setDeleteBackup(DeleteBackup.newBuilder().setBundleSeq(4)),
          new Effect.Ask<>(9, Calls.DELETE_BACKUP,
              DeleteBackupCall.newBuilder().setTenant(TENANT).setCaller(UID).setBundleSeq(4).build()),
          DONE, DONE_FRAME),
      new Row(ClientFrame.newBuilder().setPutSelf(SELF),
          new Effect.Ask<>(9, Calls.PUT_SELF, PutSelfCall.newBuilder().setCaller(UID).setRequest(SELF).build()), DONE,
          DONE_FRAME),
      new Row(ClientFrame.newBuilder().setGetSelf(GetSelf.newBuilder().addKinds(2).addKinds(1)),
          new Effect.Ask<>(9, Calls.GET_SELF, GetSelfCall.newBuilder().setCaller(UID).addKinds(2).addKinds(1).build()),
          GetSelfReply.newBuilder().setBlobs(SelfBlobs.newBuilder().addBlobs(UID).setMore(true)).build(), ServerFrame
              .newBuilder().setReplyTo(9).setSelfBlobs(SelfBlobs.newBuilder().addBlobs(UID).setMore(true)).build()));

  private static final List<Row> FOR_EVERYBODY = List.of(
      new Row(ClientFrame.newBuilder().setGetBackup(GetBackup.getDefaultInstance()),
          new Effect.Ask<>(9, Calls.BACKUP_TERMS,
              BackupTermsCall.newBuilder().setTenant(TENANT).setCaller(UID).build()),
          BackupTermsReply.newBuilder().setTerms(BackupTerms.newBuilder().setKdfId(1)).build(),
          ServerFrame.newBuilder().setReplyTo(9).setBackupTerms(BackupTerms.newBuilder().setKdfId(1)).build()),
      new Row(ClientFrame.newBuilder().setOpenBackup(OPEN),
          new Effect.Ask<>(9, Calls.OPEN_BACKUP,
              OpenBackupCall.newBuilder().setTenant(TENANT).setCaller(UID).setDeviceId(SessionDriver.DEVICE)
                  .setRequest(OPEN).build()),
          OpenBackupReply.newBuilder().setBackup(Backup.newBuilder().setBlob(UID)).build(),
          ServerFrame.newBuilder().setReplyTo(9).setBackup(Backup.newBuilder().setBlob(UID)).build()));

  @Test
  void each_request_of_a_proven_device_asks_its_call_for_the_tokens_user() {
    for (List<Row> rows : List.of(FOR_DEVICES, FOR_EVERYBODY)) {
      rows.forEach(row -> assertAsks(driver(true), row));
    }
  }

  @Test
  void a_token_alone_asks_for_a_backup_and_for_nothing_else() {
    FOR_EVERYBODY.forEach(row -> assertAsks(driver(false), row));
    for (Row row : FOR_DEVICES) {
      SessionDriver driver = driver(false);
      List<Effect> effects = driver.receive(row.request().setId(9).build());
      assertRefused(effects, 9, ErrorCode.DEVICE_UNPROVEN);
      assertEquals(1, effects.size());
      // The request is over: its number is free again.
      assertRefused(driver.receive(row.request().setId(9).build()), 9, ErrorCode.DEVICE_UNPROVEN);
    }
  }

  @Test
  void a_wait_that_the_key_service_names_is_the_one_that_is_told() {
    SessionDriver driver = driver(false);
    driver.receive(ClientFrame.newBuilder().setId(9).setOpenBackup(OPEN).build());
    OpenBackupReply wait = OpenBackupReply.newBuilder()
        .setRefusal(ErrorCode.TOO_FAST.refusal().toBuilder().setRetryAfterMs(899_000)).build();
    assertEquals(899_000, frame(driver.session.answered(9, wait)).getError().getRetryAfterMs());
    driver.receive(ClientFrame.newBuilder().setId(9).setOpenBackup(OPEN).build());
    OpenBackupReply silent = OpenBackupReply.newBuilder().setRefusal(ErrorCode.TOO_FAST.refusal()).build();
    assertEquals(SessionLimits.RETRY_AFTER_MS, frame(driver.session.answered(9, silent)).getError().getRetryAfterMs());
  }

  @Test
  void refusals_keep_their_code_and_fault_and_no_answer_is_unavailable() {
    for (ErrorCode code : List.of(ErrorCode.BACKUP_REFUSED, ErrorCode.BACKUP_LOCKED, ErrorCode.UNAVAILABLE)) {
      SessionDriver driver = driver(false);
      driver.receive(ClientFrame.newBuilder().setId(9).setOpenBackup(OPEN).build());
      assertRefused(driver.session.answered(9, OpenBackupReply.newBuilder().setRefusal(code.refusal()).build()), 9,
          code);
    }
    SessionDriver driver = driver(true);
    driver.receive(ClientFrame.newBuilder().setId(9).setPutSelf(SELF).build());
    DoneReply older = DoneReply.newBuilder()
        .setRefusal(ErrorCode.RECORD_REFUSED.refusal().toBuilder().setFault("ROLLED_BACK")).build();
    Error error = frame(driver.session.answered(9, older)).getError();
    assertEquals("RECORD_REFUSED", error.getName());
    assertEquals("ROLLED_BACK", error.getFault());
    for (Message nothing : List.of(BackupTermsReply.getDefaultInstance(), OpenBackupReply.getDefaultInstance(),
        GetSelfReply.getDefaultInstance())) {
      driver.receive(ClientFrame.newBuilder().setId(9).setGetBackup(GetBackup.getDefaultInstance()).build());
      assertRefused(driver.session.answered(9, nothing), 9, ErrorCode.UNAVAILABLE);
    }
  }

  private static void assertAsks(SessionDriver driver, Row row) {
    assertEquals(List.of(row.ask()), driver.receive(row.request().setId(9).build()));
    assertEquals(row.reply(), frame(driver.session.answered(9, row.answer())));
  }

  private static SessionDriver driver(boolean deviceProven) {
    return deviceProven ? SessionDriver.proven() : SessionDriver.ready();
  }
}
