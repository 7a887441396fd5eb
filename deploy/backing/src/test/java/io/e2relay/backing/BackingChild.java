// SPDX-License-Identifier: Apache-2.0
package io.e2relay.backing;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;

/// A process of its own that starts the servers, for tests of what happens when such a process is killed, ends, runs as
/// another user or on a full disk. It answers in the file `answer` of its folder.
final class BackingChild {
  private BackingChild() {
  }

  public static void main(String[] args) throws Exception {
    Path folder = Path.of(args[1]);
    switch (args[0]) {
      case "hold" -> {
        start(folder);
        new CountDownLatch(1).await();
      }
      case "exit" -> {
        start(folder);
        System.exit(0);
      }
      case "leave" -> {
        EmbeddedPostgres postgres = EmbeddedPostgres.start(folder.resolve("postgres"));
        EmbeddedRedis redis = EmbeddedRedis.start(folder.resolve("redis"));
        postgres.leaveExitToCaller();
        redis.leaveExitToCaller();
        OwnFolder.write(folder.resolve("answer"), postgres.pid() + " " + redis.pid());
        System.exit(0);
      }
      case "lifecycle" -> {
        Lifecycle.check(folder, StepDown.choose(), Binaries.userCache());
        OwnFolder.write(folder.resolve("answer"), "done");
      }
      case "attempt" -> attempt(folder, Path.of(args[2]));
      default -> throw new IllegalArgumentException(args[0]);
    }
  }

  private static void start(Path folder) throws IOException {
    EmbeddedPostgres postgres = EmbeddedPostgres.start(folder.resolve("postgres"));
    EmbeddedRedis redis = EmbeddedRedis.start(folder.resolve("redis"));
    OwnFolder.write(folder.resolve("answer"), postgres.pid() + " " + redis.pid());
  }

  /// Tries to start PostgreSQL and answers with what came of it.
  private static void attempt(Path folder, Path cache) throws IOException {
    String answer;
    try (EmbeddedPostgres postgres = EmbeddedPostgres.start(folder.resolve("postgres"), 0, StepDown.choose(), cache)) {
      answer = "started " + PostgresQuestion.ask(postgres.address(), "SHOW fsync");
    } catch (BackingException e) {
      answer = e.problem() + " " + e.getMessage();
    }
    OwnFolder.write(Path.of(System.getProperty("answer")), answer);
  }
}
