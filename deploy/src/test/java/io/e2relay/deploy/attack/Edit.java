// SPDX-License-Identifier: Apache-2.0
package io.e2relay.deploy.attack;

import io.e2relay.protocol.wire.ClientFrame;
import io.e2relay.protocol.wire.ServerFrame;
import java.util.List;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/// What the malicious server makes of one frame: the frames that go on in its place, none, one or many.
///
/// Runs on the server's event loop: an edit decides at once, and never waits.
@FunctionalInterface
interface Edit<F> {
  List<F> of(Line line, F frame);

  /// The same, on the lines of this user only.
  default Edit<F> only(String user) {
    return (line, frame) -> line.user().equals(user) ? of(line, frame) : List.of(frame);
  }

  static <F> Edit<F> drop(Predicate<F> which) {
    return (_, frame) -> which.test(frame) ? List.of() : List.of(frame);
  }

  static <F> Edit<F> repeat(Predicate<F> which) {
    return (_, frame) -> which.test(frame) ? List.of(frame, frame) : List.of(frame);
  }

  static <F> Edit<F> change(Predicate<F> which, UnaryOperator<F> change) {
    return (_, frame) -> List.of(which.test(frame) ? change.apply(frame) : frame);
  }

  /// The real server never hears of these requests: this one answers them.
  static Edit<ClientFrame> answer(Predicate<ClientFrame> which, Function<ClientFrame, ServerFrame.Builder> answer) {
    return (line, request) -> {
      if (!which.test(request)) {
        return List.of(request);
      }
      line.tell(answer.apply(request).setReplyTo(request.getId()).build());
      return List.of();
    };
  }

  /// Changes the real server's answers to these requests.
  static Edit<ServerFrame> reply(Predicate<ClientFrame> which, UnaryOperator<ServerFrame> change) {
    return (line, frame) -> List.of(line.request(frame).filter(which).isPresent() ? change.apply(frame) : frame);
  }
}
