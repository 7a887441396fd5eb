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

  /// News were left out, because too much was on its way or nobody answered.
  void dirty();

  void unanswered();

  void outstanding(long changeBytes);

  void missed(Missed why);
}
