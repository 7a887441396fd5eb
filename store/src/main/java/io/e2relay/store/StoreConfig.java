// SPDX-License-Identifier: Apache-2.0
package io.e2relay.store;

import io.e2relay.protocol.config.Settings;
import java.time.Duration;

/// The bounds of the log. Every one has an answer: refuse with UNAVAILABLE, or continue on the next page.
public record StoreConfig(Batches batches, Queue queue, Pages pages, Connections connections, int bodyBytesMax,
    int headsMax) {

  /// What is committed together, and how long the first of a batch waits for company.
  public record Batches(int items, int bytes, Duration delay) {
  }

  /// What may wait to be stored, and for how long.
  public record Queue(int items, int bytes, Duration deadline) {
  }

  /// What one page holds, and how long a reader waits for it.
  public record Pages(int entries, int bytes, int waiting, Duration deadline) {
  }

  /// Connections to PostgreSQL: as many batches are in flight as there are for appends.
  public record Connections(int appends, int reads, Duration connectTimeout, Duration statementTimeout) {
  }

  public static StoreConfig read(Settings settings) {
    return new StoreConfig(batches(settings), queue(settings), pages(settings), connections(settings),
        settings.number("store.body.bytes", 67_584, 1, 393_216, "Largest body of a message, in bytes."),
        settings.number("store.heads", 1_000, 1, 10_000, "Conversations in one question for heads."));
  }

  private static Batches batches(Settings settings) {
    return new Batches(settings.number("store.batch.items", 64, 1, 1_024, "Messages in one commit, at most."),
        settings.number("store.batch.bytes", 1_048_576, 1_024, 16_777_216,
            "Bytes of message bodies in one commit, at most (a single larger message is still stored)."),
        settings.millis("store.batch.delay.ms", 2, 0, 100,
            "How long the first message of a commit waits for others while another commit is under way."));
  }

  private static Queue queue(Settings settings) {
    return new Queue(
        settings.number("store.queue.items", 8_192, 1, 1_000_000,
            "Messages that wait or are being stored; more are refused with UNAVAILABLE."),
        settings.number("store.queue.bytes", 67_108_864, 1_048_576, 1_073_741_824,
            "Bytes of message bodies that wait or are being stored; more are refused with UNAVAILABLE."),
        settings.millis("store.append.deadline.ms", 1_500, 100, 10_000,
            "After this time without an answer a message is refused with UNAVAILABLE."));
  }

  private static Pages pages(Settings settings) {
    return new Pages(settings.number("store.page.entries", 100, 1, 1_000, "Entries on one page, at most."),
        settings.number("store.page.bytes", 262_144, 1_024, 393_216,
            "Bytes of bodies on one page, at most (a single larger entry is still given)."),
        settings.number("store.read.waiting", 1_000, 1, 100_000,
            "Reads that wait for a connection; more are refused with UNAVAILABLE."),
        settings.millis("store.read.deadline.ms", 1_500, 100, 10_000,
            "After this time without an answer a read is refused with UNAVAILABLE."));
  }

  private static Connections connections(Settings settings) {
    return new Connections(
        settings.number("store.append.connections", 4, 1, 32,
            "Connections to PostgreSQL for appends: one commit at a time on each."),
        settings.number("store.read.connections", 4, 1, 32, "Connections to PostgreSQL for reads."),
        settings.millis("store.connect.timeout.ms", 1_000, 50, 10_000,
            "Time to reach PostgreSQL and log in, before the next try."),
        settings.millis("store.statement.timeout.ms", 1_000, 50, 10_000,
            "Time that PostgreSQL gives a statement; a connection that answers nothing a little longer is given up."));
  }
}
