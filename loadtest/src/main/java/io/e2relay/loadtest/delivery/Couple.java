// SPDX-License-Identifier: Apache-2.0
package io.e2relay.loadtest.delivery;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.List;

/// Two who answer each other, one message at a time.
final class Couple {
  private static final int PAYLOAD_BYTES = 1024;

  private final Rival rival;
  private final List<Wire> two;
  private final byte[] payload = new byte[PAYLOAD_BYTES];
  private final long[] heard = new long[2];
  private long said;
  private long answers;
  private boolean over;
  private long until;
  private Promise<Void> done = Promise.promise();

  Couple(Rival rival, List<Wire> two) {
    this.rival = rival;
    this.two = two;
  }

  /// Each says something: what the server finds out with the first message of a connection, it then knows.
  Future<Void> begin() {
    for (int i = 0; i < two.size(); i++) {
      int side = i;
      two.get(i).countMessages(count -> hears(side, count));
    }
    return talk(System.nanoTime());
  }

  /// Answers when the last message was heard by everybody who hears it.
  Future<Void> talk(long untilNanos) {
    done = Promise.promise();
    until = untilNanos;
    heard[0] = 0;
    heard[1] = 0;
    said = 0;
    over = false;
    say(0);
    return done.future();
  }

  /// How often one heard the other.
  long answers() {
    return answers;
  }

  void close() {
    two.forEach(Wire::close);
  }

  /// Where the speaker hears itself too, every second message is its own.
  private void hears(int side, int count) {
    for (int i = 0; i < count; i++) {
      boolean fromTheOther = !rival.echoes() || heard[side] % 2 == 1 - side;
      heard[side]++;
      if (fromTheOther) {
        answers++;
        if (said < two.size() || System.nanoTime() < until) {
          say(side);
        } else {
          over = true;
        }
      }
    }
    if (over && heard[0] + heard[1] == said * (rival.echoes() ? 2 : 1)) {
      done.tryComplete();
    }
  }

  private void say(int side) {
    said++;
    rival.say(two.get(side), payload);
  }
}
