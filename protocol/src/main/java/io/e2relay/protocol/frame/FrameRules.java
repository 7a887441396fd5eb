// SPDX-License-Identifier: Apache-2.0
package io.e2relay.protocol.frame;

import io.e2relay.protocol.id.ConversationId;
import io.e2relay.protocol.id.DeviceId;
import io.e2relay.protocol.id.MsgId;
import io.e2relay.protocol.record.BackupBlob;
import io.e2relay.protocol.record.Signature;
import io.e2relay.protocol.wire.AccountQuery;
import io.e2relay.protocol.wire.AddMembers;
import io.e2relay.protocol.wire.BadWrap;
import io.e2relay.protocol.wire.ClientFrame;
import io.e2relay.protocol.wire.CreateConversation;
import io.e2relay.protocol.wire.Cursor;
import io.e2relay.protocol.wire.DeleteBackup;
import io.e2relay.protocol.wire.Fetch;
import io.e2relay.protocol.wire.GetAccounts;
import io.e2relay.protocol.wire.GetEpochs;
import io.e2relay.protocol.wire.GetWraps;
import io.e2relay.protocol.wire.Hello;
import io.e2relay.protocol.wire.History;
import io.e2relay.protocol.wire.JoinConversation;
import io.e2relay.protocol.wire.ListConversations;
import io.e2relay.protocol.wire.OpenBackup;
import io.e2relay.protocol.wire.PutAccount;
import io.e2relay.protocol.wire.PutBackup;
import io.e2relay.protocol.wire.PutEpoch;
import io.e2relay.protocol.wire.PutGrant;
import io.e2relay.protocol.wire.RemoveMembers;
import io.e2relay.protocol.wire.Send;
import io.e2relay.protocol.wire.Subscribe;
import io.e2relay.protocol.wire.TrustLevel;
import io.e2relay.protocol.wire.Unsubscribe;
import io.e2relay.protocol.wire.UpgradeConversation;
import java.util.List;

/// What must hold of a frame's fields before anybody looks at it; whether the request makes sense here and now is
/// for those who carry it out.
final class FrameRules {
  private static final int REQUEST_ID_BYTES = 16;
  private static final int LINK_SECRET_BYTES = 16;

  private FrameRules() {
  }

  static Decoded check(ClientFrame frame) {
    Checks checks = new Checks();
    checks.that(frame.getId() != 0, "id is 0");
    switch (frame.getBodyCase()) {
      case HELLO -> hello(checks, frame.getHello());
      case REFRESH_TOKEN -> checks.token(frame.getRefreshToken().getToken());
      case PUT_ACCOUNT -> putAccount(checks, frame.getPutAccount());
      case GET_ACCOUNTS -> getAccounts(checks, frame.getGetAccounts());
      case GET_DEVICE_WRAPS -> checks.count(frame.getGetDeviceWraps().getAfterSeq(), "after_seq");
      case PUT_BACKUP -> putBackup(checks, frame.getPutBackup());
      case GET_BACKUP -> {
        // Nothing is in it.
      }
      case OPEN_BACKUP -> openBackup(checks, frame.getOpenBackup());
      case DELETE_BACKUP -> deleteBackup(checks, frame.getDeleteBackup());
      case PUT_SELF -> checks.self(frame.getPutSelf().getBlob());
      case GET_SELF -> checks.selfKinds(frame.getGetSelf().getKindsList());
      case RETIRE_DEVICE -> {
        // Nothing is in it.
      }
      case CREATE_CONVERSATION -> create(checks, frame.getCreateConversation());
      case GET_CONVERSATION -> checks.conversation(frame.getGetConversation().getConversationId());
      case LIST_CONVERSATIONS -> list(checks, frame.getListConversations());
      case ADD_MEMBERS -> add(checks, frame.getAddMembers());
      case REMOVE_MEMBERS -> remove(checks, frame.getRemoveMembers());
      case LEAVE -> checks.conversation(frame.getLeave().getConversationId());
      case JOIN_CONVERSATION -> join(checks, frame.getJoinConversation());
      case UPGRADE_CONVERSATION -> upgrade(checks, frame.getUpgradeConversation());
      case PUT_EPOCH -> putEpoch(checks, frame.getPutEpoch());
      case GET_EPOCHS -> getEpochs(checks, frame.getGetEpochs());
      case GET_WRAPS -> getWraps(checks, frame.getGetWraps());
      case PUT_GRANT -> putGrant(checks, frame.getPutGrant());
      case BAD_WRAP -> badWrap(checks, frame.getBadWrap());
      case TAKE_WRAP_JOBS -> {
        // Every number of jobs is one.
      }
      case SEND -> send(checks, frame.getSend());
      case FETCH -> fetch(checks, frame.getFetch());
      case SUBSCRIBE -> subscribe(checks, frame.getSubscribe());
      case UNSUBSCRIBE -> unsubscribe(checks, frame.getUnsubscribe());
      case BODY_NOT_SET -> checks.unsupported("no request that this service knows");
    }
    return checks.decide(frame);
  }

  private static void hello(Checks checks, Hello hello) {
    checks.token(hello.getToken());
    checks.length(hello.getDeviceId(), DeviceId.BYTES, "device_id");
    checks.client(hello.getClient());
    if (hello.hasLogin()) {
      checks.length(hello.getLogin().getSignature(), Signature.BYTES, "signature");
      checks.count(hello.getLogin().getSignedMs(), "signed_ms");
    }
  }

  /// What is in the record is for the key service; here it only must not be larger than any record is.
  private static void putAccount(Checks checks, PutAccount put) {
    checks.that(!put.getRecord().isEmpty(), "record is empty");
    checks.account(put.getRecord());
    checks.deviceWraps(put.getDeviceWrapsList(), "device_wraps");
    checks.deviceWraps(put.getRootWrapsList(), "root_wraps");
  }

  private static void getAccounts(Checks checks, GetAccounts get) {
    checks.that(get.getAccountsCount() > 0, "accounts is empty");
    checks.accounts(get.getAccountsList().stream().map(AccountQuery::getUid).toList());
    for (AccountQuery query : get.getAccountsList()) {
      checks.count(query.getAfterSeq(), "after_seq");
    }
  }

  private static void putBackup(Checks checks, PutBackup put) {
    checks.backup(put.getBlob());
    checks.proof(put.getAuth(), "auth");
    checks.proof(put.getRecoveryAuth(), "recovery_auth");
    checks.count(put.getFollows(), "follows");
  }

  private static void openBackup(Checks checks, OpenBackup open) {
    checks.length(open.getBackupId(), BackupBlob.BACKUP_ID_BYTES, "backup_id");
    switch (open.getProofCase()) {
      case AUTH -> checks.proof(open.getAuth(), "auth");
      case RECOVERY_AUTH -> checks.proof(open.getRecoveryAuth(), "recovery_auth");
      case PROOF_NOT_SET -> checks.that(false, "neither auth nor recovery_auth");
    }
  }

  private static void deleteBackup(Checks checks, DeleteBackup delete) {
    checks.that(delete.getBundleSeq() != 0, "bundle_seq is 0");
    checks.count(delete.getBundleSeq(), "bundle_seq");
  }

  private static void create(Checks checks, CreateConversation create) {
    checks.length(create.getRequestId(), REQUEST_ID_BYTES, "request_id");
    checks.that(create.getLevel() != TrustLevel.UNRECOGNIZED, "level is not known");
    checks.that(create.getHistory() != History.UNRECOGNIZED, "history is not known");
    checks.members(create.getMembersList());
    if (create.getLevel() == TrustLevel.TRUST_LEVEL_E2EE) {
      checks.genesis(create.getGenesis());
      checks.epoch(create.getRecord());
      checks.epochWraps(create.getWrapsList());
    } else {
      checks.that(create.getGenesis().isEmpty() && create.getRecord().isEmpty() && create.getWrapsCount() == 0,
          "genesis, record and wraps are for encrypted conversations");
    }
  }

  private static void upgrade(Checks checks, UpgradeConversation upgrade) {
    checks.conversation(upgrade.getConversationId());
    checks.genesis(upgrade.getGenesis());
    checks.epoch(upgrade.getRecord());
    checks.epochWraps(upgrade.getWrapsList());
  }

  private static void putEpoch(Checks checks, PutEpoch put) {
    checks.conversation(put.getConversationId());
    checks.epoch(put.getRecord());
    checks.epochWraps(put.getWrapsList());
  }

  private static void getEpochs(Checks checks, GetEpochs get) {
    checks.conversation(get.getConversationId());
    checks.count(get.getAfterEpoch(), "after_epoch");
  }

  private static void getWraps(Checks checks, GetWraps get) {
    checks.conversation(get.getConversationId());
    checks.count(get.getAfterEpoch(), "after_epoch");
  }

  private static void putGrant(Checks checks, PutGrant put) {
    checks.grant(put.getGrant());
    checks.epochWraps(List.of(put.getWrap()));
  }

  private static void badWrap(Checks checks, BadWrap bad) {
    checks.conversation(bad.getConversationId());
    checks.that(bad.getEpoch() != 0, "epoch is 0");
    checks.count(bad.getEpoch(), "epoch");
  }

  private static void list(Checks checks, ListConversations list) {
    if (!list.getAfter().isEmpty()) {
      checks.length(list.getAfter(), ConversationId.BYTES, "after");
    }
  }

  private static void add(Checks checks, AddMembers add) {
    checks.conversation(add.getConversationId());
    checks.that(add.getMembersCount() > 0, "members is empty");
    checks.members(add.getMembersList());
  }

  private static void remove(Checks checks, RemoveMembers remove) {
    checks.conversation(remove.getConversationId());
    checks.that(remove.getMembersCount() > 0, "members is empty");
    checks.members(remove.getMembersList());
  }

  private static void join(Checks checks, JoinConversation join) {
    checks.conversation(join.getConversationId());
    checks.length(join.getLinkSecret(), LINK_SECRET_BYTES, "link_secret");
  }

  private static void send(Checks checks, Send send) {
    checks.conversation(send.getConversationId());
    checks.length(send.getMsgId(), MsgId.BYTES, "msg_id");
    checks.count(send.getEpoch(), "epoch");
    checks.body(send.getBody());
  }

  private static void fetch(Checks checks, Fetch fetch) {
    checks.conversation(fetch.getConversationId());
    checks.count(fetch.getAfterSeq(), "after_seq");
    checks.count(fetch.getUptoSeq(), "upto_seq");
    checks.that(fetch.getUptoSeq() == 0 || fetch.getUptoSeq() >= fetch.getAfterSeq(), "upto_seq lies before after_seq");
  }

  private static void subscribe(Checks checks, Subscribe subscribe) {
    checks.conversations(subscribe.getCursorsList().stream().map(Cursor::getConversationId).toList(), "cursors");
    for (Cursor cursor : subscribe.getCursorsList()) {
      checks.count(cursor.getAfterSeq(), "after_seq");
    }
  }

  private static void unsubscribe(Checks checks, Unsubscribe unsubscribe) {
    checks.conversations(unsubscribe.getConversationIdsList(), "conversation_ids");
  }
}
