// SPDX-License-Identifier: Apache-2.0
package io.e2relay.deploy.attack;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.error.ErrorCode;
import io.e2relay.protocol.id.ConversationId;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.wire.Account;
import io.e2relay.protocol.wire.Accounts;
import io.e2relay.protocol.wire.Advice;
import io.e2relay.protocol.wire.BackupTerms;
import io.e2relay.protocol.wire.ClientFrame;
import io.e2relay.protocol.wire.Conversation;
import io.e2relay.protocol.wire.Epochs;
import io.e2relay.protocol.wire.Error;
import io.e2relay.protocol.wire.Message;
import io.e2relay.protocol.wire.ServerFrame;
import io.e2relay.protocol.wire.Wraps;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/// What a malicious server says instead of the truth: edits of one kind of answer or event each.
final class Lies {
  private Lies() {
  }

  /// These are all records of that user, whatever the real server has.
  static Edit<ServerFrame> account(Uid uid, List<ByteString> records) {
    return (line, frame) -> {
      boolean about = frame.hasAccounts()
          && line.request(frame).stream().flatMap(asked -> asked.getGetAccounts().getAccountsList().stream())
              .anyMatch(query -> query.getUid().equals(uid.bytes()));
      if (!about) {
        return List.of(frame);
      }
      long after = line.request(frame).stream().flatMap(asked -> asked.getGetAccounts().getAccountsList().stream())
          .filter(query -> query.getUid().equals(uid.bytes())).mapToLong(query -> query.getAfterSeq()).min().orElse(0);
      Accounts.Builder others = frame.getAccounts().toBuilder();
      List<Account> honest = List.copyOf(others.getAccountsList());
      others.clearAccounts();
      honest.stream().filter(account -> !account.getUid().equals(uid.bytes())).forEach(others::addAccounts);
      others.addAccounts(Account.newBuilder().setUid(uid.bytes()).setLastSeq(records.size())
          .addAllRecords(records.subList((int) Math.min(after, records.size()), records.size())));
      return List.of(frame.toBuilder().setAccounts(others).build());
    };
  }

  /// About the epochs of a conversation.
  static Edit<ServerFrame> epochs(ConversationId conversation, Consumer<Epochs.Builder> lie) {
    return change(frame -> frame.hasEpochs() && is(conversation, frame.getEpochs().getConversationId()),
        frame -> lie.accept(frame.getEpochsBuilder()));
  }

  /// About the user's keys of a conversation.
  static Edit<ServerFrame> wraps(ConversationId conversation, Consumer<Wraps.Builder> lie) {
    return (line, frame) -> {
      boolean asked = line.request(frame).filter(request -> is(conversation, request.getGetWraps().getConversationId()))
          .isPresent();
      return frame.hasWraps() && asked
          ? List.of(edited(frame, builder -> lie.accept(builder.getWrapsBuilder())))
          : List.of(frame);
    };
  }

  /// About what a conversation is, wherever it is described.
  static Edit<ServerFrame> conversation(ConversationId conversation, Consumer<Conversation.Builder> lie) {
    return (_, frame) -> List.of(edited(frame, builder -> {
      if (builder.hasConversation() && is(conversation, builder.getConversation().getConversationId())) {
        lie.accept(builder.getConversationBuilder());
      }
      if (builder.hasConversationPage()) {
        builder.getConversationPageBuilder().getConversationsBuilderList().stream()
            .filter(each -> is(conversation, each.getConversationId())).forEach(lie);
      }
    }));
  }

  /// About a message, live or fetched.
  static Edit<ServerFrame> message(ConversationId conversation, UnaryOperator<Message> lie) {
    return (_, frame) -> List.of(edited(frame, builder -> {
      if (builder.hasMessage() && is(conversation, builder.getMessage().getConversationId())) {
        builder.setMessage(lie.apply(builder.getMessage()));
      }
      if (builder.hasPage() && is(conversation, builder.getPage().getConversationId())) {
        builder.getPageBuilder().getEntriesBuilderList().stream().filter(entry -> entry.hasMessage())
            .forEach(entry -> entry.setMessage(lie.apply(entry.getMessage())));
      }
    }));
  }

  /// About how the password of the backup is derived.
  static Edit<ServerFrame> backupTerms(Consumer<BackupTerms.Builder> lie) {
    return change(ServerFrame::hasBackupTerms, frame -> lie.accept(frame.getBackupTermsBuilder()));
  }

  /// The next message of this conversation is refused once: there is a newer epoch, says the server.
  static Edit<ClientFrame> moved(ConversationId conversation, long epoch) {
    AtomicBoolean said = new AtomicBoolean();
    return Edit.answer(
        request -> request.hasSend() && is(conversation, request.getSend().getConversationId())
            && !said.getAndSet(true),
        _ -> refusal(ErrorCode.STALE_EPOCH, Advice.ADVICE_REFRESH_KEYS, error -> error.setCurrentEpoch(epoch)));
  }

  static ServerFrame.Builder refusal(ErrorCode code, Advice advice, Consumer<Error.Builder> more) {
    Error.Builder error = Error.newBuilder().setCode(code.number()).setName(code.name()).setAdvice(advice);
    more.accept(error);
    return ServerFrame.newBuilder().setError(error);
  }

  static boolean is(ConversationId conversation, ByteString bytes) {
    return conversation.bytes().equals(bytes);
  }

  private static Edit<ServerFrame> change(Predicate<ServerFrame> which, Consumer<ServerFrame.Builder> lie) {
    return Edit.change(which, frame -> edited(frame, lie));
  }

  private static ServerFrame edited(ServerFrame frame, Consumer<ServerFrame.Builder> lie) {
    ServerFrame.Builder builder = frame.toBuilder();
    lie.accept(builder);
    return builder.build();
  }
}
