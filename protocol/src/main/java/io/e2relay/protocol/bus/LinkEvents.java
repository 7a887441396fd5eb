// SPDX-License-Identifier: Apache-2.0
package io.e2relay.protocol.bus;

/// What happens on the links between nodes, for whoever counts it.
public interface LinkEvents {
  /// Why a node looks for what it may have missed.
  enum Missed {
    NEW, GAP, DIRTY, UNLISTED, SILENT, GONE
  }

  /// So many other nodes are listed, so many of them have been silent for too long.
  void peers(int listed, int silent);

  void batch(int news);

  /// News that came from another node.
  void heard(int news);

  /// One of the news was not sent to a node, because nobody listens there.
  void spared();

  /// The directory of listeners did not answer in time.
  void lost();

  /// News were left out, because too much was on its way or nobody answered.
  void dirty();

  void unanswered();

  void outstanding(long changeBytes);

  void missed(Missed why);
}
