// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.google.protobuf.ByteString;
import io.e2relay.backing.BackingExtension;
import io.e2relay.keyservice.backup.Pepper;
import io.e2relay.keyservice.backup.Sample;
import io.e2relay.keyservice.conversation.KeySchemas;
import io.e2relay.keyservice.self.SelfBlobsContract;
import io.e2relay.protocol.bus.Calls;
import io.e2relay.protocol.bus.wire.BackupTermsCall;
import io.e2relay.protocol.bus.wire.DeleteBackupCall;
import io.e2relay.protocol.bus.wire.GetSelfCall;
import io.e2relay.protocol.bus.wire.OpenBackupCall;
import io.e2relay.protocol.bus.wire.OpenBackupReply;
import io.e2relay.protocol.bus.wire.PutBackupCall;
import io.e2relay.protocol.bus.wire.PutSelfCall;
import io.e2relay.protocol.bus.wire.Refusal;
import io.e2relay.protocol.config.Postgres;
import io.e2relay.protocol.config.Settings;
import io.e2relay.protocol.error.ErrorCode;
import io.e2relay.protocol.record.BackupBlob;
import io.e2relay.protocol.record.Fault;
import io.e2relay.protocol.record.Padding;
import io.e2relay.protocol.record.SelfBlob;
import io.e2relay.protocol.record.SelfKind;
import io.e2relay.protocol.wire.BackupTerms;
import io.e2relay.protocol.wire.OpenBackup;
import io.e2relay.protocol.wire.PutBackup;
import io.e2relay.protocol.wire.PutSelf;
import io.e2relay.protocol.wire.SelfBlobs;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.slf4j.LoggerFactory;

/// Backups and self blobs as relays meet them on the bus.
@ExtendWith(BackingExtension.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class BackupVerticleIT {
  private static final Refusal REFUSED = ErrorCode.BACKUP_REFUSED.refusal();
  private static final int QUARTER_MS = 15 * 60 * 1000;

  private static final Logger LOGGER = (Logger) LoggerFactory.getLogger("io.e2relay");

  private final ListAppender<ILoggingEvent> log = new ListAppender<>();
  private final Postgres postgres;
  private final KeyConfig config = KeyConfig.read(new Settings(Map.of("keys.timeout.ms", "10000")));
  private final Station station;

  BackupVerticleIT(Postgres postgres) throws TimeoutException {
    this.postgres = postgres;
    KeySchemas.migrate(postgres);
    station = new Station(postgres, config);
  }

  @BeforeEach
  void listen() {
    log.list.clear();
    log.start();
    LOGGER.setLevel(Level.TRACE);
    LOGGER.addAppender(log);
  }

  @AfterEach
  void listenNoMore() {
    LOGGER.detachAppender(log);
    LOGGER.setLevel(null);
  }

  @AfterAll
  void close() throws TimeoutException {
    station.close();
  }

  @Test
  void a_backup_is_put_opened_and_deleted() throws Exception {
    Sample mine = Sample.fresh();
    assertTrue(station.ask(Calls.PUT_BACKUP, put(mine, 0)).hasDone());
    assertEquals(ErrorCode.BACKUP_MOVED.refusal(), station.ask(Calls.PUT_BACKUP, put(mine, 7, 7)).getRefusal());
    BackupTerms terms = station.ask(Calls.BACKUP_TERMS, terms(mine)).getTerms();
    assertEquals(1, terms.getKdfId());
    assertEquals(mine.blob().kdf().iterations(), terms.getIterations());
    assertEquals(mine.blob().kdf().salt(), terms.getSalt());
    assertEquals(mine.blob().backupId(), terms.getBackupId());
    OpenBackupReply opened = station.ask(Calls.OPEN_BACKUP, open(mine, mine.auth()));
    assertEquals(mine.blob().bytes(), opened.getBackup().getBlob());
    assertEquals(32, opened.getBackup().getShare().size());
    OpenBackupReply recovered = station.ask(Calls.OPEN_BACKUP, recover(mine, mine.recoveryAuth()));
    assertEquals(mine.blob().bytes(), recovered.getBackup().getBlob());
    assertTrue(recovered.getBackup().getShare().isEmpty());
    assertEquals(ErrorCode.BACKUP_MOVED.refusal(), station.ask(Calls.DELETE_BACKUP, delete(mine, 2)).getRefusal());
    assertTrue(station.ask(Calls.DELETE_BACKUP, delete(mine, 1)).hasDone());
    assertEquals(REFUSED, station.ask(Calls.OPEN_BACKUP, open(mine, mine.auth())).getRefusal());
  }

  @Test
  void the_sixth_wrong_proof_is_refused_with_its_time_and_counted_without_a_name() throws Exception {
    Sample mine = Sample.fresh();
    Sample nobody = Sample.fresh();
    station.ask(Calls.PUT_BACKUP, put(mine, 0));
    double before = wrongProofs("PASSWORD");
    for (Sample whose : List.of(mine, nobody)) {
      for (int i = 0; i < 5; i++) {
        assertEquals(REFUSED, station.ask(Calls.OPEN_BACKUP, open(whose, Station.random(32))).getRefusal());
      }
      Refusal sixth = station.ask(Calls.OPEN_BACKUP, open(whose, mine.auth())).getRefusal();
      assertEquals(ErrorCode.TOO_FAST.number(), sixth.getCode());
      assertTrue(sixth.getRetryAfterMs() > QUARTER_MS - 60_000 && sixth.getRetryAfterMs() <= QUARTER_MS,
          sixth::toString);
    }
    assertEquals(before + 10, wrongProofs("PASSWORD"));
    double recovery = wrongProofs("RECOVERY_CODE");
    assertEquals(REFUSED, station.ask(Calls.OPEN_BACKUP, recover(mine, Station.random(32))).getRefusal());
    assertEquals(recovery + 1, wrongProofs("RECOVERY_CODE"));
  }

  @Test
  void what_cannot_be_a_backup_is_refused_with_its_fault() throws Exception {
    Sample mine = Sample.fresh();
    ByteString blob = mine.blob().bytes();
    ByteString weak = blob.substring(0, 2).concat(ByteString.copyFrom(new byte[]{0, 0, 0, 1}))
        .concat(blob.substring(6));
    Map<ByteString, Fault> faults = Map.of(weak, Fault.WEAK_KDF, blob.concat(Station.random(1)), Fault.WRONG_LENGTH,
        blob.substring(0, 50), Fault.TRUNCATED, ByteString.copyFrom(new byte[]{9}).concat(blob.substring(1)),
        Fault.UNKNOWN_VERSION);
    for (Map.Entry<ByteString, Fault> one : faults.entrySet()) {
      PutBackupCall.Builder call = put(mine, 0).toBuilder();
      call.getRequestBuilder().setBlob(one.getKey());
      Refusal refusal = station.ask(Calls.PUT_BACKUP, call.build()).getRefusal();
      assertEquals(ErrorCode.RECORD_REFUSED.number(), refusal.getCode());
      assertEquals(one.getValue().name(), refusal.getFault());
    }
    assertTrue(station.ask(Calls.PUT_BACKUP, put(mine, 0)).hasDone());
  }

  @Test
  void what_cannot_be_an_id_or_a_proof_is_malformed() throws Exception {
    Sample mine = Sample.fresh();
    for (int length : new int[]{0, 15, 17, 31, 33}) {
      ByteString no = Station.random(length);
      assertEquals(Replies.MALFORMED,
          station.ask(Calls.PUT_BACKUP, put(mine, 0).toBuilder().setCaller(no).build()).getRefusal());
      assertEquals(Replies.MALFORMED,
          station.ask(Calls.BACKUP_TERMS, terms(mine).toBuilder().setTenant(no).build()).getRefusal());
      assertEquals(Replies.MALFORMED, station.ask(Calls.OPEN_BACKUP, open(mine, no)).getRefusal());
      assertEquals(Replies.MALFORMED, station.ask(Calls.OPEN_BACKUP, recover(mine, no)).getRefusal());
      OpenBackupCall.Builder open = open(mine, mine.auth()).toBuilder();
      open.getRequestBuilder().setBackupId(no);
      assertEquals(Replies.MALFORMED, station.ask(Calls.OPEN_BACKUP, open.build()).getRefusal());
      PutBackupCall.Builder put = put(mine, 0).toBuilder();
      put.getRequestBuilder().setAuth(no);
      assertEquals(Replies.MALFORMED, station.ask(Calls.PUT_BACKUP, put.build()).getRefusal());
      assertEquals(Replies.MALFORMED,
          station.ask(Calls.DELETE_BACKUP, delete(mine, 1).toBuilder().setCaller(no).build()).getRefusal());
      assertEquals(Replies.MALFORMED,
          station.ask(Calls.PUT_SELF, PutSelfCall.newBuilder().setCaller(no).build()).getRefusal());
      assertEquals(Replies.MALFORMED,
          station.ask(Calls.GET_SELF, GetSelfCall.newBuilder().setCaller(no).build()).getRefusal());
    }
  }

  @Test
  void without_its_pepper_the_password_gets_no_answer_and_the_recovery_code_opens() throws Exception {
    Sample mine = Sample.fresh();
    station.ask(Calls.PUT_BACKUP, put(mine, 0));
    try (Station without = new Station(postgres, config, Sample.peppers(new Pepper(2, Station.random(32))))) {
      for (int i = 0; i < 3; i++) {
        assertEquals(Replies.UNAVAILABLE, without.ask(Calls.OPEN_BACKUP, open(mine, mine.auth())).getRefusal());
      }
      assertTrue(without.ask(Calls.OPEN_BACKUP, recover(mine, mine.recoveryAuth())).hasBackup());
    }
    List<String> told = log.list.stream().filter(event -> event.getLevel() == Level.WARN)
        .map(ILoggingEvent::getFormattedMessage).filter(line -> line.contains("pepper")).toList();
    assertEquals(1, told.size(), told::toString);
    assertTrue(told.getFirst().startsWith("backups were put with pepper 1, which the configured file lacks"));
  }

  @Test
  void nothing_secret_is_logged() throws Exception {
    Sample mine = Sample.fresh();
    station.ask(Calls.PUT_BACKUP, put(mine, 0));
    station.ask(Calls.PUT_BACKUP, put(mine, 7, 7));
    ByteString share = station.ask(Calls.OPEN_BACKUP, open(mine, mine.auth())).getBackup().getShare();
    ByteString wrong = Station.random(32);
    for (int i = 0; i < 6; i++) {
      station.ask(Calls.OPEN_BACKUP, open(mine, wrong));
    }
    station.ask(Calls.OPEN_BACKUP, recover(mine, mine.recoveryAuth()));
    String lines = String.join("\n", log.list.stream().map(ILoggingEvent::getFormattedMessage).toList());
    for (ByteString secret : List.of(mine.auth(), mine.recoveryAuth(), share, wrong, Sample.FIRST.key(),
        mine.blob().bkPw())) {
      assertFalse(lines.contains(HexFormat.of().formatHex(secret.toByteArray())));
      assertFalse(lines.contains(secret.toString()));
    }
  }

  @Test
  void devices_tell_each_other_what_no_counter_takes_back() throws Exception {
    ByteString caller = Station.user().bytes();
    SelfBlob heads = SelfBlobsContract.blob(SelfKind.HEADS, 5);
    SelfBlob large = SelfBlobsContract.blob(SelfKind.VERIFIED, 1, Padding.SELF_MAX);
    SelfBlob larger = SelfBlobsContract.blob(SelfKind.SETTINGS, 1, Padding.SELF_MAX);
    for (SelfBlob blob : List.of(heads, large, larger, heads)) {
      assertTrue(station.ask(Calls.PUT_SELF, putSelf(caller, blob.bytes())).hasDone());
    }
    Refusal older = station.ask(Calls.PUT_SELF, putSelf(caller, SelfBlobsContract.blob(SelfKind.HEADS, 4).bytes()))
        .getRefusal();
    assertEquals(ErrorCode.RECORD_REFUSED.number(), older.getCode());
    assertEquals(Fault.ROLLED_BACK.name(), older.getFault());
    Refusal unfit = station.ask(Calls.PUT_SELF, putSelf(caller, heads.bytes().concat(Station.random(1)))).getRefusal();
    assertEquals(Fault.WRONG_LENGTH.name(), unfit.getFault());

    SelfBlobs first = station.ask(Calls.GET_SELF, GetSelfCall.newBuilder().setCaller(caller).build()).getBlobs();
    assertEquals(List.of(heads.bytes(), large.bytes()), first.getBlobsList());
    assertTrue(first.getMore());
    SelfBlobs rest = station
        .ask(Calls.GET_SELF, GetSelfCall.newBuilder().setCaller(caller).addKinds(3).addKinds(4).build()).getBlobs();
    assertEquals(List.of(larger.bytes()), rest.getBlobsList());
    assertFalse(rest.getMore());
  }

  @Test
  void an_answer_holds_the_largest_blob_and_its_base64_fits_a_frame() {
    assertTrue(SelfAnswers.BYTES_MAX >= SelfBlob.BYTES_MAX);
    assertTrue(4L * SelfAnswers.BYTES_MAX / 3 < 512 * 1024 - 1024);
    assertTrue(4L * BackupBlob.BYTES_MAX / 3 < 512 * 1024 - 1024);
  }

  private double wrongProofs(String shown) {
    return station.registry.get("e2relay_keys_wrong_proofs_total").tag("shown", shown).counter().count();
  }

  private static PutBackupCall put(Sample sample, long follows) {
    return put(sample, follows, sample.blob().bundleSeq());
  }

  private static PutBackupCall put(Sample sample, long follows, long bundleSeq) {
    BackupBlob it = sample.blob();
    ByteString blob = new BackupBlob(it.kdf(), it.backupId(), bundleSeq, it.bkPw(), it.bkRc(), it.bundle()).bytes();
    return PutBackupCall.newBuilder().setTenant(sample.owner().tenant().bytes()).setCaller(sample.owner().uid().bytes())
        .setRequest(PutBackup.newBuilder().setBlob(blob).setAuth(sample.auth()).setRecoveryAuth(sample.recoveryAuth())
            .setFollows(follows))
        .build();
  }

  private static BackupTermsCall terms(Sample sample) {
    return BackupTermsCall.newBuilder().setTenant(sample.owner().tenant().bytes())
        .setCaller(sample.owner().uid().bytes()).build();
  }

  private static OpenBackupCall open(Sample sample, ByteString auth) {
    return open(sample, OpenBackup.newBuilder().setBackupId(sample.blob().backupId()).setAuth(auth));
  }

  private static OpenBackupCall recover(Sample sample, ByteString auth) {
    return open(sample, OpenBackup.newBuilder().setBackupId(sample.blob().backupId()).setRecoveryAuth(auth));
  }

  private static OpenBackupCall open(Sample sample, OpenBackup.Builder request) {
    return OpenBackupCall.newBuilder().setTenant(sample.owner().tenant().bytes())
        .setCaller(sample.owner().uid().bytes()).setDeviceId(Station.random(16)).setRequest(request).build();
  }

  private static DeleteBackupCall delete(Sample sample, long bundleSeq) {
    return DeleteBackupCall.newBuilder().setTenant(sample.owner().tenant().bytes())
        .setCaller(sample.owner().uid().bytes()).setBundleSeq(bundleSeq).build();
  }

  private static PutSelfCall putSelf(ByteString caller, ByteString blob) {
    return PutSelfCall.newBuilder().setCaller(caller).setRequest(PutSelf.newBuilder().setBlob(blob)).build();
  }
}
