// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice;

import com.google.protobuf.Message;
import io.e2relay.keyservice.database.Unavailable;
import io.e2relay.protocol.bus.Bus;
import io.e2relay.protocol.bus.Call;
import io.e2relay.protocol.bus.Calls;
import io.e2relay.protocol.bus.wire.BackupTermsReply;
import io.e2relay.protocol.bus.wire.ConversationReply;
import io.e2relay.protocol.bus.wire.DeviceWrapsReply;
import io.e2relay.protocol.bus.wire.DoneReply;
import io.e2relay.protocol.bus.wire.GetAccountsReply;
import io.e2relay.protocol.bus.wire.GetEpochsReply;
import io.e2relay.protocol.bus.wire.GetSelfReply;
import io.e2relay.protocol.bus.wire.GetWrapsReply;
import io.e2relay.protocol.bus.wire.ListReply;
import io.e2relay.protocol.bus.wire.MembershipReply;
import io.e2relay.protocol.bus.wire.OpenBackupReply;
import io.e2relay.protocol.bus.wire.PutEpochReply;
import io.e2relay.protocol.bus.wire.Refusal;
import io.e2relay.protocol.bus.wire.RosterReply;
import io.e2relay.protocol.bus.wire.SignInReply;
import io.e2relay.protocol.bus.wire.TakeWrapJobsReply;
import io.e2relay.protocol.bus.wire.UserStatesReply;
import io.e2relay.protocol.error.ErrorCode;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Takes the questions from the bus and gives each a task of its own that may wait; the one place where a failure of
/// the database becomes a refusal.
final class KeyDesk {
  private static final Logger LOG = LoggerFactory.getLogger(KeyDesk.class);

  private final Bus bus;
  private final Context context;
  private final KeyMetrics metrics;
  // Only for the log: told once when it changes, not for every question.
  private final AtomicBoolean reachable = new AtomicBoolean(true);

  /// @param context on virtual threads
  KeyDesk(Bus bus, Context context, KeyMetrics metrics) {
    this.bus = bus;
    this.context = context;
    this.metrics = metrics;
  }

  /// Opens for all calls at once.
  Future<List<Bus.Registration>> open(KeyAnswers answers, AccountAnswers accounts, DeviceAnswers devices,
      BackupAnswers backups, SelfAnswers selves, EpochAnswers epochs, JobAnswers jobs) {
    return Future.all(List.of(
        take(Calls.SIGN_IN, KeyMetrics.Asked.SIGN_IN, answers::signIn, Reply::signIn, SignInReply::getRefusal),
        take(Calls.RETIRE_DEVICE, KeyMetrics.Asked.RETIRE_DEVICE, devices::retire, Reply::done, DoneReply::getRefusal),
        take(Calls.PUT_ACCOUNT, KeyMetrics.Asked.PUT_ACCOUNT, accounts::put, Reply::done, DoneReply::getRefusal),
        take(Calls.GET_ACCOUNTS, KeyMetrics.Asked.GET_ACCOUNTS, accounts::get, Reply::accounts,
            GetAccountsReply::getRefusal),
        take(Calls.DEVICE_WRAPS, KeyMetrics.Asked.DEVICE_WRAPS, accounts::wraps, Reply::wraps,
            DeviceWrapsReply::getRefusal),
        take(Calls.PUT_BACKUP, KeyMetrics.Asked.PUT_BACKUP, backups::put, Reply::done, DoneReply::getRefusal),
        take(Calls.BACKUP_TERMS, KeyMetrics.Asked.BACKUP_TERMS, backups::terms, Reply::terms,
            BackupTermsReply::getRefusal),
        take(Calls.OPEN_BACKUP, KeyMetrics.Asked.OPEN_BACKUP, backups::open, Reply::opened,
            OpenBackupReply::getRefusal),
        take(Calls.DELETE_BACKUP, KeyMetrics.Asked.DELETE_BACKUP, backups::delete, Reply::done, DoneReply::getRefusal),
        take(Calls.PUT_SELF, KeyMetrics.Asked.PUT_SELF, selves::put, Reply::done, DoneReply::getRefusal),
        take(Calls.GET_SELF, KeyMetrics.Asked.GET_SELF, selves::get, Reply::selfBlobs, GetSelfReply::getRefusal),
        take(Calls.CREATE, KeyMetrics.Asked.CREATE, answers::create, Reply::conversation,
            ConversationReply::getRefusal),
        take(Calls.UPGRADE, KeyMetrics.Asked.UPGRADE, epochs::upgrade, Reply::conversation,
            ConversationReply::getRefusal),
        take(Calls.PUT_EPOCH, KeyMetrics.Asked.PUT_EPOCH, epochs::put, Reply::put, PutEpochReply::getRefusal),
        take(Calls.GET_EPOCHS, KeyMetrics.Asked.GET_EPOCHS, epochs::records, Reply::epochs, GetEpochsReply::getRefusal),
        take(Calls.GET_WRAPS, KeyMetrics.Asked.GET_WRAPS, epochs::wraps, Reply::keyring, GetWrapsReply::getRefusal),
        take(Calls.PUT_GRANT, KeyMetrics.Asked.PUT_GRANT, jobs::put, Reply::done, DoneReply::getRefusal),
        take(Calls.BAD_WRAP, KeyMetrics.Asked.BAD_WRAP, jobs::badWrap, Reply::done, DoneReply::getRefusal),
        take(Calls.TAKE_WRAP_JOBS, KeyMetrics.Asked.TAKE_WRAP_JOBS, jobs::take, Reply::jobs,
            TakeWrapJobsReply::getRefusal),
        take(Calls.GET, KeyMetrics.Asked.GET, answers::get, Reply::conversation, ConversationReply::getRefusal),
        take(Calls.LIST, KeyMetrics.Asked.LIST, answers::list, Reply::list, ListReply::getRefusal),
        take(Calls.ADD, KeyMetrics.Asked.ADD, answers::add, Reply::conversation, ConversationReply::getRefusal),
        take(Calls.REMOVE, KeyMetrics.Asked.REMOVE, answers::remove, Reply::conversation,
            ConversationReply::getRefusal),
        take(Calls.LEAVE, KeyMetrics.Asked.LEAVE, answers::leave, Reply::conversation, ConversationReply::getRefusal),
        take(Calls.JOIN, KeyMetrics.Asked.JOIN, answers::join, Reply::conversation, ConversationReply::getRefusal),
        take(Calls.MEMBERSHIP, KeyMetrics.Asked.MEMBERSHIP, answers::membership, Reply::membership,
            MembershipReply::getRefusal),
        take(Calls.ROSTER, KeyMetrics.Asked.ROSTER, answers::roster, Reply::roster, RosterReply::getRefusal)))
        .map(all -> all.list());
  }

  /// Opens for the one call that only relays have, of their own accord.
  Future<Bus.Registration> open(StateAnswers states) {
    return take(Calls.USER_STATES, KeyMetrics.Asked.USER_STATES, states::states, StateAnswers::refusal,
        UserStatesReply::getRefusal);
  }

  private <Q extends Message, A extends Message> Future<Bus.Registration> take(Call<Q, A> call, KeyMetrics.Asked asked,
      Function<Q, A> answer, Function<ErrorCode, A> refuse, Function<A, Refusal> refusal) {
    Function<Q, A> available = question -> {
      try {
        return answer.apply(question);
      } catch (Unavailable e) {
        if (reachable.getAndSet(false)) {
          LOG.warn("the database gives no answer ({}); refusing until it does", e.getMessage());
        }
        LOG.debug("{} refused: {}", asked, e.getMessage());
        return refuse.apply(ErrorCode.UNAVAILABLE);
      }
    };
    return bus.answer(call, question -> {
      Promise<A> promise = Promise.promise();
      // A task per question: a handler that waited would hold up the questions behind it.
      context.runOnContext(_ -> work(asked, () -> available.apply(question), refusal, promise));
      return promise.future();
    });
  }

  private <A> void work(KeyMetrics.Asked asked, Supplier<A> task, Function<A, Refusal> refusal, Promise<A> promise) {
    long start = System.nanoTime();
    try {
      A answer = task.get();
      Refusal refused = refusal.apply(answer);
      if (refused.getCode() != 0) {
        metrics.refused(ErrorCode.of(refused));
      } else if (!reachable.getAndSet(true)) {
        LOG.warn("the database answers again");
      }
      promise.complete(answer);
    } catch (RuntimeException e) {
      metrics.failed();
      LOG.error("{} failed", asked, e);
      promise.fail(e);
    } finally {
      metrics.answered(asked, Duration.ofNanos(System.nanoTime() - start));
    }
  }
}
