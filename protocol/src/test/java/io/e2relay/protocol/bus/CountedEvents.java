// SPDX-License-Identifier: Apache-2.0
package io.e2relay.protocol.bus;

import java.util.ArrayList;
import java.util.List;

/// What happened on the links, as a test looks at it.
final class CountedEvents implements LinkEvents {
  final List<Missed> missed = new ArrayList<>();
  int listed;
  int silent;
  int dirty;
  int spared;
  int lost;
  int unanswered;
  long outstanding;

  @Override
  public void peers(int listedNow, int silentNow) {
    listed = listedNow;
    silent = silentNow;
  }

  @Override
  public void batch(int news) {
    // Tests look at the batches themselves.
  }

  @Override
  public void heard(int news) {
    // Tests look at what was told.
  }

  @Override
  public void spared() {
    spared++;
  }

  @Override
  public void lost() {
    lost++;
  }

  @Override
  public void dirty() {
    dirty++;
  }

  @Override
  public void unanswered() {
    unanswered++;
  }

  @Override
  public void outstanding(long changeBytes) {
    outstanding += changeBytes;
  }

  @Override
  public void missed(Missed why) {
    missed.add(why);
  }
}
