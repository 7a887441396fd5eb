// SPDX-License-Identifier: Apache-2.0
package io.e2relay.relay.fanout;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.frame.Subprotocol;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class ReadLineTest {
  private final List<Subscription> started = new ArrayList<>();
  private final ReadLine line = new ReadLine(64, this::start);
  private final Subscriber subscriber = new Subscriber(ByteString.copyFrom(new byte[16]),
      new FakeOutlet(Subprotocol.PROTOBUF));
  private final List<Subscription> subscriptions = IntStream.range(0, 9).mapToObj(this::subscription).toList();

  @Test
  void a_connection_reads_a_few_at_once_and_the_others_after_them() {
    subscriptions.forEach(line::want);
    assertEquals(subscriptions.subList(0, 4), started);
    finish(4);
    assertEquals(subscriptions.subList(0, 8), started);
    finish(4);
    assertEquals(subscriptions, started);
  }

  @Test
  void the_turn_of_one_that_was_dropped_while_it_waited_goes_to_the_next() {
    subscriptions.forEach(line::want);
    subscriptions.subList(4, 8).forEach(Subscription::close);
    finish(4);
    assertEquals(List.of(0, 1, 2, 3, 8), started.stream().map(subscriptions::indexOf).toList());
  }

  private void start(Subscription subscription) {
    subscription.startReading();
    started.add(subscription);
  }

  /// Ends the reads that were started last.
  private void finish(int reads) {
    for (Subscription subscription : List.copyOf(started.subList(started.size() - reads, started.size()))) {
      subscription.stopReading();
      line.finished(subscription);
    }
  }

  private Subscription subscription(int number) {
    Subscription subscription = new Subscription(subscriber, new Room(ByteString.copyFrom(new byte[]{(byte) number})),
        0);
    subscription.begin();
    return subscription;
  }
}
