// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.e2ee;

import io.e2relay.client.DisconnectedException;
import io.e2relay.client.RefusedException;
import io.e2relay.client.crypto.MadeGrant;
import io.e2relay.protocol.id.ConversationId;
import io.e2relay.protocol.id.Epoch;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.record.EpochRecord;
import io.e2relay.protocol.record.GrantKind;
import io.e2relay.protocol.record.RewrapPolicy;
import io.e2relay.protocol.record.RosterEntry;
import io.e2relay.protocol.wire.ClientFrame;
import io.e2relay.protocol.wire.TakeWrapJobs;
import io.e2relay.protocol.wire.WrapJob;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;

/// Does what only a holder of a key can do for others: when told that there is work, and from time to time. The service
/// only says that something may be missing; for whom, is for the signed rosters to say.
final class WrapDuty implements AutoCloseable {
  private static final int ROUNDS_MAX = 8;

  private final Station station;
  private final Function<ConversationId, EncryptedConversation> conversations;
  private final Supplier<List<EncryptedConversation>> all;
  private final Semaphore work = new Semaphore(0);
  private final Thread thread;

  WrapDuty(Station station, Function<ConversationId, EncryptedConversation> conversations,
      Supplier<List<EncryptedConversation>> all) {
    this.station = station;
    this.conversations = conversations;
    this.all = all;
    this.thread = Thread.ofVirtual().name("e2relay-duty").unstarted(this::run);
  }

  void start() {
    thread.start();
  }

  void wake() {
    work.release();
  }

  @Override
  public void close() {
    thread.interrupt();
  }

  private void run() {
    try {
      while (true) {
        boolean _ = work.tryAcquire(station.timing().jobsEvery().toMillis(), TimeUnit.MILLISECONDS);
        work.drainPermits();
        serve();
      }
    } catch (InterruptedException _) {
      // Closed.
    }
  }

  /// Takes what there is and does it.
  synchronized void serve() {
    try {
      all.get().forEach(conversation -> attempt(conversation::welcomeBack));
      List<WrapJob> jobs;
      int rounds = 0;
      do {
        jobs = station.ask(ClientFrame.newBuilder().setTakeWrapJobs(TakeWrapJobs.getDefaultInstance())).getWrapJobs()
            .getJobsList();
        jobs.forEach(this::attempt);
      } while (!jobs.isEmpty() && ++rounds < ROUNDS_MAX);
    } catch (RefusedException | DisconnectedException _) {
      // There is a next time.
    }
  }

  private void attempt(WrapJob job) {
    attempt(() -> serve(job));
  }

  /// What cannot be done is left to others.
  private static void attempt(Runnable work) {
    try {
      work.run();
    } catch (RefusedException | BlockedException | IllegalArgumentException _) {
      // An alarm was raised if it is one.
    }
  }

  private void serve(WrapJob job) {
    Optional<ConversationId> id = station.ids().conversation(job.getConversationId());
    if (id.isEmpty()) {
      return;
    }
    EncryptedConversation conversation = conversations.apply(id.get());
    conversation.open();
    List<Uid> users = job.getUidsList().stream().flatMap(uid -> station.ids().uid(uid).stream()).toList();
    switch (job.getKind()) {
      case WRAP_JOB_KIND_ACTIVATE -> {
        station.contacts().look(users);
        conversation.activate(users);
      }
      case WRAP_JOB_KIND_ROTATE -> conversation.rotate(Rotation.Wish.open());
      case WRAP_JOB_KIND_GRANT -> {
        station.contacts().look(users);
        users.forEach(uid -> grant(conversation, new Epoch(job.getEpoch()), uid));
      }
      case WRAP_JOB_KIND_UNSPECIFIED, UNRECOGNIZED -> {
        // Of a later release.
      }
    }
  }

  private void grant(EncryptedConversation conversation, Epoch epoch, Uid uid) {
    EpochBook book = conversation.book();
    Optional<EpochRecord> record = book.record(epoch).filter(one -> mayHave(conversation, one, uid));
    record.flatMap(_ -> conversation.keyring().key(epoch)).ifPresent(key -> {
      MadeGrant made = station.maker().grant(record.orElseThrow(), book.current(), key, uid, GrantKind.REWRAP,
          station.clock().millis());
      // It is for the newest account, which may have become another one meanwhile.
      if (mayHave(conversation, record.orElseThrow(), uid)) {
        conversation.give(made);
      }
    });
  }

  /// Active in that epoch and in it still, with a verified account; and if it was reset since, only what the
  /// conversation's policy gives, and people confirm.
  private boolean mayHave(EncryptedConversation conversation, EpochRecord record, Uid uid) {
    EpochBook book = conversation.book();
    RewrapPolicy policy = book.chain().genesis().statement().policy().rewrap();
    Optional<RosterEntry> entry = record.statement().entry(uid).filter(RosterEntry::active);
    if (entry.isEmpty() || book.entry(uid).filter(RosterEntry::active).isEmpty()
        || station.contacts().newest(uid).isEmpty()) {
      return false;
    }
    if (station.contacts().mustConfirm(uid, entry.get().account(), policy)) {
      station.alarms().raise(new Alarm.ConfirmationNeeded(conversation.id(), uid));
      return false;
    }
    return policy != RewrapPolicy.CURRENT || record.equals(book.current())
        || !station.contacts().isReset(uid, entry.get().account());
  }
}
