// SPDX-License-Identifier: Apache-2.0
package io.e2relay.deploy.attack;

import io.e2relay.protocol.wire.ServerFrame;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;

/// Frames for clients that the server sits on, until it lets them go: in their order, or in another.
final class Held implements Edit<ServerFrame> {
  /// A frame, and where it was going.
  record Frame(Line line, ServerFrame frame) {
    void go() {
      line.tell(frame);
    }
  }

  private final Predicate<ServerFrame> which;
  private final List<Frame> frames = new CopyOnWriteArrayList<>();

  Held(Predicate<ServerFrame> which) {
    this.which = which;
  }

  @Override
  public List<ServerFrame> of(Line line, ServerFrame frame) {
    if (!which.test(frame)) {
      return List.of(frame);
    }
    frames.add(new Frame(line, frame));
    return List.of();
  }

  List<Frame> frames() {
    return List.copyOf(frames);
  }
}
