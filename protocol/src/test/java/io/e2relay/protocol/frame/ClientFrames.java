// SPDX-License-Identifier: Apache-2.0
package io.e2relay.protocol.frame;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.record.AccountRecord;
import io.e2relay.protocol.record.EpochRecord;
import io.e2relay.protocol.record.Genesis;
import io.e2relay.protocol.record.Grant;
import io.e2relay.protocol.record.SelfKind;
import io.e2relay.protocol.wire.AccountQuery;
import io.e2relay.protocol.wire.AddMembers;
import io.e2relay.protocol.wire.BadWrap;
import io.e2relay.protocol.wire.ClientFrame;
import io.e2relay.protocol.wire.ClientFrame.BodyCase;
import io.e2relay.protocol.wire.CreateConversation;
import io.e2relay.protocol.wire.Cursor;
import io.e2relay.protocol.wire.DeleteBackup;
import io.e2relay.protocol.wire.DeviceLogin;
import io.e2relay.protocol.wire.Fetch;
import io.e2relay.protocol.wire.GetAccounts;
import io.e2relay.protocol.wire.GetBackup;
import io.e2relay.protocol.wire.GetConversation;
import io.e2relay.protocol.wire.GetDeviceWraps;
import io.e2relay.protocol.wire.GetEpochs;
import io.e2relay.protocol.wire.GetSelf;
import io.e2relay.protocol.wire.GetWraps;
import io.e2relay.protocol.wire.Hello;
import io.e2relay.protocol.wire.History;
import io.e2relay.protocol.wire.JoinConversation;
import io.e2relay.protocol.wire.Leave;
import io.e2relay.protocol.wire.ListConversations;
import io.e2relay.protocol.wire.OpenBackup;
import io.e2relay.protocol.wire.PutAccount;
import io.e2relay.protocol.wire.PutBackup;
import io.e2relay.protocol.wire.PutEpoch;
import io.e2relay.protocol.wire.PutGrant;
import io.e2relay.protocol.wire.PutSelf;
import io.e2relay.protocol.wire.RefreshToken;
import io.e2relay.protocol.wire.RemoveMembers;
import io.e2relay.protocol.wire.RetireDevice;
import io.e2relay.protocol.wire.Send;
import io.e2relay.protocol.wire.Subscribe;
import io.e2relay.protocol.wire.TakeWrapJobs;
import io.e2relay.protocol.wire.TrustLevel;
import io.e2relay.protocol.wire.Unsubscribe;
import io.e2relay.protocol.wire.UpgradeConversation;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;

/// Makes valid client frames of every kind; a kind that is added breaks the compile here.
final class ClientFrames {
  private ClientFrames() {
  }

  static List<BodyCase> kinds() {
    return Arrays.stream(BodyCase.values()).filter(kind -> kind != BodyCase.BODY_NOT_SET).toList();
  }

  static ClientFrame valid(BodyCase kind, RandomGenerator random) {
    ClientFrame.Builder frame = ClientFrame.newBuilder().setId(1 + random.nextLong(1L << random.nextInt(1, 60)));
    switch (kind) {
      case HELLO -> frame.setHello(Hello.newBuilder().setToken(text(random, 600)).setDeviceId(bytes(random, 16))
          .setClient(text(random, Limits.CLIENT_CHARS_MAX))
          .setLogin(DeviceLogin.newBuilder().setSignature(bytes(random, 64)).setSignedMs(random.nextLong(1L << 45))));
      case REFRESH_TOKEN -> frame.setRefreshToken(RefreshToken.newBuilder().setToken(text(random, 600)));
      case PUT_ACCOUNT -> frame
          .setPutAccount(PutAccount.newBuilder().setRecord(bytes(random, 1 + random.nextInt(AccountRecord.BYTES_MAX)))
              .addAllDeviceWraps(ids(random, AccountRecord.DEVICE_WRAP_BYTES)));
      case GET_ACCOUNTS -> frame.setGetAccounts(GetAccounts.newBuilder().addAccounts(account(bytes(random, 16), random))
          .addAllAccounts(ids(random, 16).stream().map(uid -> account(uid, random)).toList()));
      case GET_DEVICE_WRAPS ->
        frame.setGetDeviceWraps(GetDeviceWraps.newBuilder().setAfterSeq(random.nextLong(1L << 53)));
      case PUT_BACKUP -> frame.setPutBackup(PutBackup.newBuilder().setBlob(bytes(random, 1 + random.nextInt(2000)))
          .setAuth(bytes(random, 32)).setRecoveryAuth(bytes(random, 32)).setFollows(random.nextLong(1L << 53)));
      case GET_BACKUP -> frame.setGetBackup(GetBackup.getDefaultInstance());
      case OPEN_BACKUP -> frame.setOpenBackup(random.nextBoolean()
          ? OpenBackup.newBuilder().setBackupId(bytes(random, 16)).setAuth(bytes(random, 32))
          : OpenBackup.newBuilder().setBackupId(bytes(random, 16)).setRecoveryAuth(bytes(random, 32)));
      case DELETE_BACKUP -> frame.setDeleteBackup(DeleteBackup.newBuilder().setBundleSeq(random.nextLong(1, 1L << 53)));
      case PUT_SELF -> frame.setPutSelf(PutSelf.newBuilder().setBlob(bytes(random, 1 + random.nextInt(2000))));
      case GET_SELF -> frame.setGetSelf(GetSelf.newBuilder().addAllKinds(
          Arrays.stream(SelfKind.values()).filter(_ -> random.nextBoolean()).map(SelfKind::number).toList()));
      case CREATE_CONVERSATION -> frame.setCreateConversation(
          CreateConversation.newBuilder().setRequestId(bytes(random, 16)).setLevel(TrustLevel.TRUST_LEVEL_OPEN)
              .addAllMembers(ids(random, 16)).setJoinByLink(random.nextBoolean()).setHistory(History.HISTORY_FULL));
      case GET_CONVERSATION ->
        frame.setGetConversation(GetConversation.newBuilder().setConversationId(bytes(random, 32)));
      case LIST_CONVERSATIONS -> frame.setListConversations(ListConversations.newBuilder()
          .setAfter(random.nextBoolean() ? bytes(random, 32) : ByteString.EMPTY).setLimit(random.nextInt(200)));
      case ADD_MEMBERS -> frame.setAddMembers(AddMembers.newBuilder().setConversationId(bytes(random, 32))
          .addMembers(bytes(random, 16)).addAllMembers(ids(random, 16)));
      case REMOVE_MEMBERS -> frame.setRemoveMembers(RemoveMembers.newBuilder().setConversationId(bytes(random, 32))
          .addMembers(bytes(random, 16)).addAllMembers(ids(random, 16)));
      case LEAVE -> frame.setLeave(Leave.newBuilder().setConversationId(bytes(random, 32)));
      case JOIN_CONVERSATION -> frame.setJoinConversation(
          JoinConversation.newBuilder().setConversationId(bytes(random, 32)).setLinkSecret(bytes(random, 16)));
      case RETIRE_DEVICE, UPGRADE_CONVERSATION, PUT_EPOCH, GET_EPOCHS, GET_WRAPS, PUT_GRANT, BAD_WRAP, TAKE_WRAP_JOBS ->
        keys(frame, kind, random);
      case SEND -> frame.setSend(Send.newBuilder().setConversationId(bytes(random, 32)).setMsgId(bytes(random, 16))
          .setEpoch(random.nextLong(4)).setBody(bytes(random, 1 + random.nextInt(400))));
      case FETCH -> frame.setFetch(Fetch.newBuilder().setConversationId(bytes(random, 32))
          .setAfterSeq(random.nextLong(1000)).setUptoSeq(1000 + random.nextLong(1000)).setLimit(random.nextInt(200)));
      case SUBSCRIBE -> frame.setSubscribe(Subscribe.newBuilder().addAllCursors(ids(random, 32).stream()
          .map(id -> Cursor.newBuilder().setConversationId(id).setAfterSeq(random.nextLong(100)).build()).toList()));
      case UNSUBSCRIBE -> frame.setUnsubscribe(Unsubscribe.newBuilder().addAllConversationIds(ids(random, 32)));
      case BODY_NOT_SET -> throw new IllegalArgumentException("not a kind");
    }
    return frame.build();
  }

  private static void keys(ClientFrame.Builder frame, BodyCase kind, RandomGenerator random) {
    switch (kind) {
      case RETIRE_DEVICE -> frame.setRetireDevice(RetireDevice.getDefaultInstance());
      case UPGRADE_CONVERSATION -> frame.setUpgradeConversation(
          UpgradeConversation.newBuilder().setConversationId(bytes(random, 32)).setGenesis(bytes(random, Genesis.BYTES))
              .setRecord(bytes(random, 1 + random.nextInt(2000))).addAllWraps(ids(random, EpochRecord.WRAP_BYTES)));
      case PUT_EPOCH -> frame.setPutEpoch(PutEpoch.newBuilder().setConversationId(bytes(random, 32))
          .setRecord(bytes(random, 1 + random.nextInt(2000))).addAllWraps(ids(random, EpochRecord.WRAP_BYTES)));
      case GET_EPOCHS -> frame.setGetEpochs(
          GetEpochs.newBuilder().setConversationId(bytes(random, 32)).setAfterEpoch(random.nextLong(1L << 53)));
      case GET_WRAPS -> frame.setGetWraps(
          GetWraps.newBuilder().setConversationId(bytes(random, 32)).setAfterEpoch(random.nextLong(1L << 53)));
      case PUT_GRANT -> frame.setPutGrant(
          PutGrant.newBuilder().setGrant(bytes(random, Grant.BYTES)).setWrap(bytes(random, EpochRecord.WRAP_BYTES)));
      case BAD_WRAP -> frame
          .setBadWrap(BadWrap.newBuilder().setConversationId(bytes(random, 32)).setEpoch(random.nextLong(1, 1L << 53)));
      case TAKE_WRAP_JOBS -> frame.setTakeWrapJobs(TakeWrapJobs.newBuilder().setLimit(random.nextInt(30)));
      default -> throw new IllegalArgumentException("not about keys of conversations");
    }
  }

  private static AccountQuery account(ByteString uid, RandomGenerator random) {
    return AccountQuery.newBuilder().setUid(uid).setAfterSeq(random.nextLong(100)).build();
  }

  static ByteString bytes(RandomGenerator random, int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return ByteString.copyFrom(bytes);
  }

  static List<ByteString> ids(RandomGenerator random, int length) {
    return Stream.generate(() -> bytes(random, length)).limit(random.nextInt(8)).toList();
  }

  private static String text(RandomGenerator random, int charsMax) {
    StringBuilder text = new StringBuilder();
    int chars = random.nextInt(charsMax);
    for (int i = 0; i < chars; i++) {
      text.append((char) random.nextInt(' ', random.nextInt(8) == 0 ? 0x700 : 0x7f));
    }
    return text.chars().anyMatch(Character::isISOControl) ? "e2relay" : text.toString();
  }
}
