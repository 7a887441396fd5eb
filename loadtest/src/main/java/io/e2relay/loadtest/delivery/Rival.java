// SPDX-License-Identifier: Apache-2.0
package io.e2relay.loadtest.delivery;

import io.e2relay.loadtest.measure.Child;
import io.vertx.core.Future;
import java.util.List;

/// A server that relays: ours, or a bare one to compare it with.
interface Rival extends AutoCloseable {
  String name();

  Child process();

  /// A client that has come in as far as this server wants before anything can be said.
  Future<Wire> enter();

  /// So many who all hear what the first of them says.
  List<Wire> room(int size);

  /// So many pairs of two who hear each other; what one says the other hears.
  List<List<Wire>> pairs(int count);

  /// Whether who says something hears it too.
  boolean echoes();

  /// Says it to the room or the other one.
  void say(Wire wire, byte[] payload);

  @Override
  void close();
}
