// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.crypto;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.e2relay.protocol.id.ConversationId;
import io.e2relay.protocol.id.Epoch;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.record.Hash;
import io.e2relay.protocol.record.Reading;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// A wrap that does not open is a member locked out, and BouncyCastle's objects make such when threads share them.
final class WrapThreadsTest {
  private static final int THREADS = 8;

  @Test
  void eight_threads_make_a_thousand_wraps_each_that_all_open() throws Exception {
    allOpen(1_000);
  }

  @Test
  @Tag("long")
  void eight_threads_make_ten_thousand_wraps_each_that_all_open() throws Exception {
    allOpen(10_000);
  }

  private static void allOpen(int wraps) throws Exception {
    AgreementKey to = AgreementKey.generate();
    Wrapping.ConversationWrap what = new Wrapping.ConversationWrap(new ConversationId(Octets.times(0xc0, 32)),
        new Epoch(7), new Uid(Octets.times(0xbb, 16)), 3, new Hash(Octets.times(0xe0, 32)));
    Callable<Long> thread = () -> IntStream.range(0, wraps).filter(_ -> {
      SymmetricKey key = SymmetricKey.generate();
      return Wrapping.unwrap(to, what, Wrapping.wrap(key, to.publicKey(), what)).equals(new Reading.Read<>(key));
    }).count();
    long opened = 0;
    try (ExecutorService threads = Executors.newFixedThreadPool(THREADS)) {
      List<Future<Long>> all = threads.invokeAll(Collections.nCopies(THREADS, thread));
      for (Future<Long> one : all) {
        opened += one.get();
      }
    }
    assertEquals((long) THREADS * wraps, opened);
    IO.println("shown: wrap-threads threads=" + THREADS + " wraps=" + THREADS * wraps + " opened=" + opened);
  }
}
