// SPDX-License-Identifier: Apache-2.0
package io.e2relay.loadtest.keys;

import io.e2relay.protocol.record.EpochReason;
import io.e2relay.protocol.record.RosterEntry;
import io.e2relay.protocol.record.RosterRole;
import io.e2relay.protocol.wire.ClientFrame;
import io.e2relay.protocol.wire.ServerFrame;
import io.e2relay.protocol.wire.TakeWrapJobs;
import java.util.List;
import java.util.stream.Stream;

/// Members who wait, all of whom get an account at once; then whoever holds the key takes the job and activates all of
/// them with one record.
final class Activating implements Operation {
  private final Town town;
  private final int pending;
  private List<Line> before = List.of();

  /// Somebody who is connected, and has no account yet.
  private record Waiting(Person person, Line line) {
  }

  Activating(Town town, int pending) {
    this.town = town;
    this.pending = pending;
  }

  @Override
  public String name() {
    return "activate-" + pending;
  }

  @Override
  public Batch prepare() {
    before.forEach(Line::close);
    List<Waiting> waiting = Town.together(town.newcomers(pending),
        person -> new Waiting(person, person.arrive(town.door())));
    before = waiting.stream().map(Waiting::line).toList();
    RosterEntry admin = town.roster(1).getFirst();
    Room room = town.room(with(admin, waiting.stream().map(one -> one.person().pending())));
    town.holder().ask(room.create());
    Room.Step step = room.next(EpochReason.ACTIVATED,
        with(admin, waiting.stream().map(one -> one.person().active(RosterRole.MEMBER))));
    List<Verification> verifications = Stream
        .concat(waiting.stream().flatMap(one -> one.person().verifications().stream()), Stream.of(step.verification()))
        .toList();
    return new Batch(1, () -> {
      Town.together(waiting, one -> one.line().ask(one.person().putAccount()));
      takeJob();
      town.holder().ask(step.request());
    }, verifications);
  }

  /// Asks again while the service has the job in hand to offer it.
  private void takeJob() {
    ServerFrame jobs;
    do {
      jobs = town.holder().ask(ClientFrame.newBuilder().setTakeWrapJobs(TakeWrapJobs.newBuilder()));
    } while (jobs.getWrapJobs().getJobsList().stream().noneMatch(job -> job.getUidsCount() == pending));
  }

  private static List<RosterEntry> with(RosterEntry admin, Stream<RosterEntry> others) {
    return Stream.concat(Stream.of(admin), others).toList();
  }
}
