// SPDX-License-Identifier: Apache-2.0
package io.e2relay.relay.presence;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.bus.Peer;
import io.e2relay.protocol.bus.Targets;
import io.e2relay.protocol.config.Redis;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Reads from Redis which nodes listen to which conversations, on one event loop.
///
/// The marks and the sets are read as of one moment: a node whose mark is there had all its sets there.
public final class RedisTargets implements Targets {
  private static final int COMMANDS_MAX = 1_024;

  private final Context context;
  private final RedisLink link;

  private RedisTargets(Vertx vertx, Redis redis) {
    context = vertx.getOrCreateContext();
    link = new RedisLink(vertx, redis, COMMANDS_MAX, new RedisLink.Owner() {
      @Override
      public void linked() {
        // Whoever asks next finds out.
      }

      @Override
      public void unlinked() {
        // Likewise.
      }
    });
  }

  /// Returns at once; Redis may be there or come later.
  public static RedisTargets start(Vertx vertx, Redis redis) {
    RedisTargets targets = new RedisTargets(vertx, redis);
    targets.context.runOnContext(_ -> targets.link.open());
    return targets;
  }

  public Future<Void> stop() {
    return Future.future(promise -> context.runOnContext(_ -> link.close().onComplete(promise)));
  }

  @Override
  public Future<Map<ByteString, Set<String>>> listeners(List<Peer> nodes, Set<ByteString> conversations) {
    Promise<Map<ByteString, Set<String>>> promise = Promise.promise();
    List<String> ids = nodes.stream().map(Peer::id).toList();
    List<ByteString> asked = List.copyOf(conversations);
    context.runOnContext(_ -> {
      if (ids.isEmpty() || !link.isFree()) {
        promise.fail("Redis has an answer to give first");
        return;
      }
      link.ask(batch(ids, asked)).map(answers -> read(answers.getLast(), ids, asked)).onComplete(promise);
    });
    return promise.future();
  }

  private static List<Request> batch(List<String> ids, List<ByteString> conversations) {
    List<Request> batch = new ArrayList<>();
    batch.add(Request.cmd(Command.MULTI));
    Request marks = Request.cmd(Command.MGET);
    ids.forEach(id -> marks.arg(Heard.mark(id)));
    batch.add(marks);
    conversations
        .forEach(conversation -> batch.add(Request.cmd(Command.ZRANGE).arg(Heard.key(conversation)).arg(0).arg(-1)));
    batch.add(Request.cmd(Command.EXEC));
    return batch;
  }

  private static Map<ByteString, Set<String>> read(@Nullable Response answer, List<String> ids,
      List<ByteString> conversations) {
    if (answer == null || answer.size() != conversations.size() + 1) {
      throw new IllegalStateException("not what was asked");
    }
    Set<String> unmarked = new HashSet<>();
    for (int i = 0; i < ids.size(); i++) {
      if (answer.get(0).get(i) == null) {
        unmarked.add(ids.get(i));
      }
    }
    Map<ByteString, Set<String>> listeners = new HashMap<>();
    for (int i = 0; i < conversations.size(); i++) {
      Set<String> told = new HashSet<>(unmarked);
      answer.get(i + 1).forEach(node -> told.add(node.toString()));
      listeners.put(conversations.get(i), told);
    }
    return listeners;
  }
}
