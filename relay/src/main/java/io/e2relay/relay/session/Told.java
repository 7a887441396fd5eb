// SPDX-License-Identifier: Apache-2.0
package io.e2relay.relay.session;

import java.util.NavigableSet;
import java.util.TreeSet;

/// What a session has been told of its user's list and account, so that what was lost on the way is found.
final class Told {
  private static final int AHEAD_MAX = 64;

  // All changes of the list up to this one.
  private long version;
  // Changes behind one that has not come.
  private final NavigableSet<Long> ahead = new TreeSet<>();
  private long accountSeq;
  // Where the list was when it was last looked at.
  private long looked;

  void welcomed(long versionNow, long accountNow) {
    version = Math.max(version, versionNow);
    accountSeq = Math.max(accountSeq, accountNow);
    closeUp();
  }

  void changed(long changedTo) {
    ahead.add(changedTo);
    closeUp();
    if (ahead.size() > AHEAD_MAX) {
      ahead.pollFirst();
    }
  }

  /// The newest version of the list that is known here.
  long newest() {
    return ahead.isEmpty() ? version : Math.max(version, ahead.last());
  }

  /// True when the account's record is news.
  boolean account(long seq) {
    boolean news = seq > accountSeq;
    accountSeq = Math.max(accountSeq, seq);
    return news;
  }

  long accountSeq() {
    return accountSeq;
  }

  /// Whether a change that was there at the last look has still not been told. News may be on their way, so what has
  /// come since then is given until the next look.
  boolean missed(long versionNow) {
    boolean missed = looked > version;
    looked = Math.max(looked, versionNow);
    return missed;
  }

  private void closeUp() {
    while (!ahead.isEmpty() && ahead.first() <= version + 1) {
      version = Math.max(version, ahead.pollFirst());
    }
  }
}
