// SPDX-License-Identifier: Apache-2.0
package io.e2relay.loadtest.keys;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.id.DeviceId;
import io.e2relay.protocol.id.TenantId;
import io.e2relay.protocol.record.RosterEntry;
import io.e2relay.protocol.record.RosterRole;
import io.e2relay.protocol.wire.ClientFrame;
import io.e2relay.protocol.wire.Hello;
import io.e2relay.protocol.wire.ServerFrame;
import java.security.SecureRandom;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;
import java.util.stream.IntStream;

/// People of one tenant: those who have accounts, one of whom acts for all, and as many newcomers as are wanted.
final class Town {
  private static final int AT_ONCE = 4;

  private final Door door;
  private final TenantId tenant;
  private final List<Person> people;
  private final Line holder;
  private final WrapStock stock;
  private int born;

  /// @param size of the largest roster
  Town(Door door, int size) {
    this.door = door;
    this.tenant = tenant(door);
    this.people = newcomers(size);
    this.stock = new WrapStock(size);
    together(people, person -> {
      Line line = person.arrive(door);
      ServerFrame done = line.ask(person.putAccount());
      line.close();
      return done;
    });
    this.holder = people.getFirst().enter(door);
  }

  Door door() {
    return door;
  }

  /// The socket of the first of all people, who makes and rotates conversations.
  Line holder() {
    return holder;
  }

  Room room(List<RosterEntry> roster) {
    return new Room(people.getFirst(), stock, roster);
  }

  /// The first so many, all active and led by the first.
  List<RosterEntry> roster(int size) {
    return IntStream.range(0, size).mapToObj(i -> people.get(i).active(i == 0 ? RosterRole.ADMIN : RosterRole.MEMBER))
        .toList();
  }

  /// Known to nobody yet.
  List<Person> newcomers(int count) {
    int first = born;
    born += count;
    return IntStream.range(first, born).mapToObj(i -> new Person(tenant, "bench-" + i)).toList();
  }

  /// Does it for all of them, a few at a time, and returns when all is done.
  static <T, R> List<R> together(List<T> all, Function<T, R> work) {
    try (ExecutorService some = Executors.newFixedThreadPool(AT_ONCE)) {
      List<Future<R>> open = all.stream().map(one -> some.submit(() -> work.apply(one))).toList();
      return open.stream().map(Town::done).toList();
    }
  }

  private static <R> R done(Future<R> work) {
    try {
      return work.get();
    } catch (InterruptedException | ExecutionException e) {
      throw new IllegalStateException(e);
    }
  }

  private static TenantId tenant(Door door) {
    byte[] device = new byte[DeviceId.BYTES];
    new SecureRandom().nextBytes(device);
    Line line = door.open();
    line.challenge();
    var welcome = line.ask(ClientFrame.newBuilder().setHello(Hello.newBuilder().setToken(door.token("stranger"))
        .setDeviceId(ByteString.copyFrom(device)).setClient("bench"))).getWelcome();
    line.close();
    return new TenantId(welcome.getTenant());
  }
}
