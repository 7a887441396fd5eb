// SPDX-License-Identifier: Apache-2.0
package io.e2relay.relay.session;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import io.e2relay.protocol.bus.Call;
import io.e2relay.protocol.bus.Calls;
import io.e2relay.protocol.bus.wire.AddCall;
import io.e2relay.protocol.bus.wire.BackupTermsCall;
import io.e2relay.protocol.bus.wire.BadWrapCall;
import io.e2relay.protocol.bus.wire.CreateCall;
import io.e2relay.protocol.bus.wire.DeleteBackupCall;
import io.e2relay.protocol.bus.wire.DeviceWrapsCall;
import io.e2relay.protocol.bus.wire.GetAccountsCall;
import io.e2relay.protocol.bus.wire.GetCall;
import io.e2relay.protocol.bus.wire.GetEpochsCall;
import io.e2relay.protocol.bus.wire.GetSelfCall;
import io.e2relay.protocol.bus.wire.GetWrapsCall;
import io.e2relay.protocol.bus.wire.JoinCall;
import io.e2relay.protocol.bus.wire.LeaveCall;
import io.e2relay.protocol.bus.wire.ListCall;
import io.e2relay.protocol.bus.wire.OpenBackupCall;
import io.e2relay.protocol.bus.wire.PutAccountCall;
import io.e2relay.protocol.bus.wire.PutBackupCall;
import io.e2relay.protocol.bus.wire.PutEpochCall;
import io.e2relay.protocol.bus.wire.PutGrantCall;
import io.e2relay.protocol.bus.wire.PutSelfCall;
import io.e2relay.protocol.bus.wire.RemoveCall;
import io.e2relay.protocol.bus.wire.RetireDeviceCall;
import io.e2relay.protocol.bus.wire.TakeWrapJobsCall;
import io.e2relay.protocol.bus.wire.UpgradeCall;
import io.e2relay.protocol.error.ErrorCode;
import io.e2relay.protocol.wire.AddMembers;
import io.e2relay.protocol.wire.ClientFrame;
import io.e2relay.protocol.wire.CreateConversation;
import io.e2relay.protocol.wire.JoinConversation;
import io.e2relay.protocol.wire.ListConversations;
import io.e2relay.protocol.wire.RemoveMembers;
import io.e2relay.protocol.wire.TrustLevel;

/// What a signed-in user asks of the key service, as the question that the service gets.
final class KeyQuestions {
  private final SessionLimits limits;
  private final Identity identity;
  private final ByteString tenant;
  private final ByteString uid;
  private final ByteString device;

  KeyQuestions(SessionLimits limits, Identity identity) {
    this.limits = limits;
    this.identity = identity;
    this.tenant = identity.tenant();
    this.uid = identity.uid();
    this.device = identity.device();
  }

  /// A question, or why it is not asked.
  sealed interface Question {
    record Asked<Q extends Message, A extends Message>(Call<Q, A> call, Q question) implements Question {
      Effect effect(long id) {
        return new Effect.Ask<>(id, call, question);
      }
    }

    record Refused(ErrorCode code) implements Question {
    }
  }

  /// The question of a request that is for the key service.
  Question of(ClientFrame frame) {
    return switch (frame.getBodyCase()) {
      case PUT_ACCOUNT -> ask(Calls.PUT_ACCOUNT,
          PutAccountCall.newBuilder().setTenant(tenant).setCaller(uid).setRequest(frame.getPutAccount()).build());
      case GET_ACCOUNTS -> ask(Calls.GET_ACCOUNTS, GetAccountsCall.newBuilder().setTenant(tenant)
          .addAllAccounts(frame.getGetAccounts().getAccountsList()).build());
      case GET_DEVICE_WRAPS -> proven(Calls.DEVICE_WRAPS, DeviceWrapsCall.newBuilder().setCaller(uid)
          .setDeviceId(device).setAfterSeq(frame.getGetDeviceWraps().getAfterSeq()).build());
      case PUT_BACKUP -> proven(Calls.PUT_BACKUP,
          PutBackupCall.newBuilder().setTenant(tenant).setCaller(uid).setRequest(frame.getPutBackup()).build());
      case GET_BACKUP -> ask(Calls.BACKUP_TERMS, BackupTermsCall.newBuilder().setTenant(tenant).setCaller(uid).build());
      case OPEN_BACKUP -> ask(Calls.OPEN_BACKUP, OpenBackupCall.newBuilder().setTenant(tenant).setCaller(uid)
          .setDeviceId(device).setRequest(frame.getOpenBackup()).build());
      case DELETE_BACKUP -> proven(Calls.DELETE_BACKUP, DeleteBackupCall.newBuilder().setTenant(tenant).setCaller(uid)
          .setBundleSeq(frame.getDeleteBackup().getBundleSeq()).build());
      case PUT_SELF ->
        proven(Calls.PUT_SELF, PutSelfCall.newBuilder().setCaller(uid).setRequest(frame.getPutSelf()).build());
      case GET_SELF -> proven(Calls.GET_SELF,
          GetSelfCall.newBuilder().setCaller(uid).addAllKinds(frame.getGetSelf().getKindsList()).build());
      case RETIRE_DEVICE ->
        proven(Calls.RETIRE_DEVICE, RetireDeviceCall.newBuilder().setCaller(uid).setDeviceId(device).build());
      case CREATE_CONVERSATION -> create(frame.getCreateConversation());
      case GET_CONVERSATION -> ask(Calls.GET, GetCall.newBuilder().setCaller(uid)
          .setConversationId(frame.getGetConversation().getConversationId()).build());
      case LIST_CONVERSATIONS -> list(frame.getListConversations());
      case ADD_MEMBERS -> add(frame.getAddMembers());
      case REMOVE_MEMBERS -> remove(frame.getRemoveMembers());
      case LEAVE -> ask(Calls.LEAVE, LeaveCall.newBuilder().setCaller(uid)
          .setConversationId(frame.getLeave().getConversationId()).setDeviceProven(identity.proven()).build());
      case JOIN_CONVERSATION -> join(frame.getJoinConversation());
      case UPGRADE_CONVERSATION ->
        withWraps(frame.getUpgradeConversation().getWrapsCount(), Calls.UPGRADE, UpgradeCall.newBuilder()
            .setTenant(tenant).setCaller(uid).setDeviceId(device).setRequest(frame.getUpgradeConversation()).build());
      case PUT_EPOCH -> withWraps(frame.getPutEpoch().getWrapsCount(), Calls.PUT_EPOCH, PutEpochCall.newBuilder()
          .setTenant(tenant).setCaller(uid).setDeviceId(device).setRequest(frame.getPutEpoch()).build());
      case GET_EPOCHS ->
        ask(Calls.GET_EPOCHS, GetEpochsCall.newBuilder().setCaller(uid).setRequest(frame.getGetEpochs()).build());
      case GET_WRAPS ->
        proven(Calls.GET_WRAPS, GetWrapsCall.newBuilder().setCaller(uid).setRequest(frame.getGetWraps()).build());
      case PUT_GRANT -> proven(Calls.PUT_GRANT, PutGrantCall.newBuilder().setTenant(tenant).setCaller(uid)
          .setDeviceId(device).setRequest(frame.getPutGrant()).build());
      case BAD_WRAP ->
        proven(Calls.BAD_WRAP, BadWrapCall.newBuilder().setCaller(uid).setRequest(frame.getBadWrap()).build());
      case TAKE_WRAP_JOBS -> proven(Calls.TAKE_WRAP_JOBS, TakeWrapJobsCall.newBuilder().setCaller(uid)
          .setDeviceId(device).setLimit(frame.getTakeWrapJobs().getLimit()).build());
      case HELLO, REFRESH_TOKEN, SEND, FETCH, SUBSCRIBE, UNSUBSCRIBE, BODY_NOT_SET ->
        throw new IllegalArgumentException("the key service has nothing to do with " + frame.getBodyCase());
    };
  }

  private Question create(CreateConversation request) {
    CreateCall question = CreateCall.newBuilder().setTenant(tenant).setCaller(uid).setDeviceId(device)
        .setRequest(request).build();
    if (request.getLevel() == TrustLevel.TRUST_LEVEL_E2EE) {
      return withWraps(request.getWrapsCount(), Calls.CREATE, question);
    }
    return withMembers(request.getMembersCount(), Calls.CREATE, question);
  }

  private Question list(ListConversations request) {
    return ask(Calls.LIST, ListCall.newBuilder().setCaller(uid).setAfter(request.getAfter())
        .setLimit(SessionLimits.capped(request.getLimit(), limits.listEntries())).build());
  }

  private Question add(AddMembers request) {
    return withMembers(request.getMembersCount(), Calls.ADD,
        AddCall.newBuilder().setCaller(uid).setConversationId(request.getConversationId())
            .addAllMembers(request.getMembersList()).setDeviceProven(identity.proven()).build());
  }

  private Question remove(RemoveMembers request) {
    return withMembers(request.getMembersCount(), Calls.REMOVE,
        RemoveCall.newBuilder().setCaller(uid).setConversationId(request.getConversationId())
            .addAllMembers(request.getMembersList()).setDeviceProven(identity.proven()).build());
  }

  private Question join(JoinConversation request) {
    return ask(Calls.JOIN, JoinCall.newBuilder().setTenant(tenant).setCaller(uid)
        .setConversationId(request.getConversationId()).setLinkSecret(request.getLinkSecret()).build());
  }

  /// With a wrap for each active member.
  private <Q extends Message, A extends Message> Question withWraps(int wraps, Call<Q, A> call, Q question) {
    return identity.proven() ? withMembers(wraps, call, question) : new Question.Refused(ErrorCode.DEVICE_UNPROVEN);
  }

  private <Q extends Message, A extends Message> Question withMembers(int members, Call<Q, A> call, Q question) {
    return members > limits.members() ? new Question.Refused(ErrorCode.LIMIT_EXCEEDED) : ask(call, question);
  }

  /// For what a token alone does not suffice: it neither gets at keys, wrapped as they are, nor signs.
  private <Q extends Message, A extends Message> Question proven(Call<Q, A> call, Q question) {
    return identity.proven() ? ask(call, question) : new Question.Refused(ErrorCode.DEVICE_UNPROVEN);
  }

  private static <Q extends Message, A extends Message> Question ask(Call<Q, A> call, Q question) {
    return new Question.Asked<>(call, question);
  }
}
