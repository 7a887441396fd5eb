// SPDX-License-Identifier: Apache-2.0
package io.e2relay.loadtest.delivery;

import io.e2relay.loadtest.measure.Child;
import io.vertx.core.Future;
import java.io.File;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/// The bare server in a process of its own, with the flags of the service's.
final class Bare implements Rival {
  private final Generator generator;
  private final boolean tls;
  private final String name;
  private final int port;
  private final Child process;
  private int pairs;

  private Bare(Generator generator, boolean tls, String name, int port, Child process) {
    this.generator = generator;
    this.tls = tls;
    this.name = name;
    this.port = port;
    this.process = process;
  }

  /// @param kind `coalesced` or `each`
  static Bare start(Generator generator, Site site, boolean tls, String kind) {
    List<String> command = new ArrayList<>(site.server());
    int classPath = command.indexOf("-cp") + 1;
    command.set(classPath, command.get(classPath) + File.pathSeparator + Site.ownClasses());
    command.set(command.size() - 1, BareServer.class.getName());
    int port = Child.freePort();
    command.addAll(List.of(String.valueOf(port), kind));
    if (tls) {
      command.addAll(List.of(site.certificate().toString(), site.certificateKey().toString()));
    }
    return new Bare(generator, tls, "bare-" + kind, port, Child.start(command, "ready"));
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public Child process() {
    return process;
  }

  @Override
  public Future<Wire> enter() {
    return Wire.open(generator.client(tls), port, "/room");
  }

  @Override
  public List<Wire> room(int size) {
    return generator.many(size, _ -> enter());
  }

  @Override
  public List<List<Wire>> pairs(int count) {
    int first = pairs;
    pairs += count;
    List<Wire> all = generator.many(2 * count, i -> Wire.open(generator.client(tls), port, "/pair/" + (first + i / 2)));
    return IntStream.range(0, count).mapToObj(i -> all.subList(2 * i, 2 * i + 2)).toList();
  }

  @Override
  public boolean echoes() {
    return false;
  }

  @Override
  public void say(Wire wire, byte[] payload) {
    wire.write(payload);
  }

  @Override
  public void close() {
    process.close();
  }
}
