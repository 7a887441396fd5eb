// SPDX-License-Identifier: Apache-2.0
package io.e2relay.relay.session;

import com.google.protobuf.Message;
import io.e2relay.protocol.bus.wire.BackupTermsReply;
import io.e2relay.protocol.bus.wire.ConversationReply;
import io.e2relay.protocol.bus.wire.DeviceWrapsReply;
import io.e2relay.protocol.bus.wire.DoneReply;
import io.e2relay.protocol.bus.wire.GetAccountsReply;
import io.e2relay.protocol.bus.wire.GetEpochsReply;
import io.e2relay.protocol.bus.wire.GetSelfReply;
import io.e2relay.protocol.bus.wire.GetWrapsReply;
import io.e2relay.protocol.bus.wire.ListReply;
import io.e2relay.protocol.bus.wire.OpenBackupReply;
import io.e2relay.protocol.bus.wire.PutEpochReply;
import io.e2relay.protocol.bus.wire.Refusal;
import io.e2relay.protocol.bus.wire.TakeWrapJobsReply;
import io.e2relay.protocol.error.ErrorCode;
import io.e2relay.protocol.wire.ClientFrame.BodyCase;
import io.e2relay.protocol.wire.Done;
import io.e2relay.protocol.wire.Error;
import io.e2relay.protocol.wire.ServerFrame;

/// The answers of the key service as frames for the client.
final class KeyAnswers {
  private static final Outcome NOTHING = new Outcome.Refused(Frames.error(ErrorCode.UNAVAILABLE));

  private KeyAnswers() {
  }

  /// What a client is told.
  sealed interface Outcome {
    record Told(ServerFrame.Builder frame) implements Outcome {
    }

    record Refused(Error error) implements Outcome {
    }
  }

  /// In answer to a request of this kind.
  static Outcome of(BodyCase asked, Message answer) {
    return switch (answer) {
      case ConversationReply reply -> switch (reply.getOutcomeCase()) {
        case CONVERSATION ->
          asked == BodyCase.LEAVE ? told(done()) : told(frame().setConversation(reply.getConversation()));
        case REFUSAL -> refused(reply.getRefusal());
        case OUTCOME_NOT_SET -> NOTHING;
      };
      case ListReply reply -> switch (reply.getOutcomeCase()) {
        case PAGE -> told(frame().setConversationPage(reply.getPage()));
        case REFUSAL -> refused(reply.getRefusal());
        case OUTCOME_NOT_SET -> NOTHING;
      };
      case DoneReply reply -> switch (reply.getOutcomeCase()) {
        case DONE -> told(done());
        case REFUSAL -> refused(reply.getRefusal());
        case OUTCOME_NOT_SET -> NOTHING;
      };
      case PutEpochReply reply -> switch (reply.getOutcomeCase()) {
        case PUT -> told(frame().setEpochPut(reply.getPut()));
        case REFUSAL -> refused(reply.getRefusal());
        case OUTCOME_NOT_SET -> NOTHING;
      };
      case GetEpochsReply reply -> switch (reply.getOutcomeCase()) {
        case EPOCHS -> told(frame().setEpochs(reply.getEpochs()));
        case REFUSAL -> refused(reply.getRefusal());
        case OUTCOME_NOT_SET -> NOTHING;
      };
      case GetWrapsReply reply -> switch (reply.getOutcomeCase()) {
        case WRAPS -> told(frame().setWraps(reply.getWraps()));
        case REFUSAL -> refused(reply.getRefusal());
        case OUTCOME_NOT_SET -> NOTHING;
      };
      case TakeWrapJobsReply reply -> switch (reply.getOutcomeCase()) {
        case JOBS -> told(frame().setWrapJobs(reply.getJobs()));
        case REFUSAL -> refused(reply.getRefusal());
        case OUTCOME_NOT_SET -> NOTHING;
      };
      default -> ofAccounts(answer);
    };
  }

  private static Outcome ofAccounts(Message answer) {
    return switch (answer) {
      case GetAccountsReply reply -> switch (reply.getOutcomeCase()) {
        case ACCOUNTS -> told(frame().setAccounts(reply.getAccounts()));
        case REFUSAL -> refused(reply.getRefusal());
        case OUTCOME_NOT_SET -> NOTHING;
      };
      case DeviceWrapsReply reply -> switch (reply.getOutcomeCase()) {
        case WRAPS -> told(frame().setDeviceWraps(reply.getWraps()));
        case REFUSAL -> refused(reply.getRefusal());
        case OUTCOME_NOT_SET -> NOTHING;
      };
      case BackupTermsReply reply -> switch (reply.getOutcomeCase()) {
        case TERMS -> told(frame().setBackupTerms(reply.getTerms()));
        case REFUSAL -> refused(reply.getRefusal());
        case OUTCOME_NOT_SET -> NOTHING;
      };
      case OpenBackupReply reply -> switch (reply.getOutcomeCase()) {
        case BACKUP -> told(frame().setBackup(reply.getBackup()));
        case REFUSAL -> refused(reply.getRefusal());
        case OUTCOME_NOT_SET -> NOTHING;
      };
      case GetSelfReply reply -> switch (reply.getOutcomeCase()) {
        case BLOBS -> told(frame().setSelfBlobs(reply.getBlobs()));
        case REFUSAL -> refused(reply.getRefusal());
        case OUTCOME_NOT_SET -> NOTHING;
      };
      default -> throw new IllegalArgumentException("nobody asked for a " + answer.getDescriptorForType().getName());
    };
  }

  private static Outcome told(ServerFrame.Builder frame) {
    return new Outcome.Told(frame);
  }

  private static Outcome refused(Refusal refusal) {
    return new Outcome.Refused(Frames.error(refusal));
  }

  private static ServerFrame.Builder frame() {
    return ServerFrame.newBuilder();
  }

  private static ServerFrame.Builder done() {
    return frame().setDone(Done.getDefaultInstance());
  }
}
