// SPDX-License-Identifier: Apache-2.0
package io.e2relay.backing;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// How to start PostgreSQL, which refuses to run as root: the words before its command, and who its files belong to.
record StepDown(List<String> before, int uid, boolean foreign) {
  static final int NOBODY = 65_534;

  static StepDown choose() {
    return choose(OwnFolder.ourUid(), Programs.find("unshare"), Programs.find("setpriv"));
  }

  static StepDown choose(int uid, @Nullable Path unshare, @Nullable Path setpriv) {
    List<String> before = new ArrayList<>(ownSession());
    if (uid != 0) {
      return new StepDown(List.copyOf(before), uid, false);
    }
    // In a user namespace without mapping we are nobody to ourselves, yet our files stay ours.
    if (unshare != null
        && Programs.succeeds(List.of(unshare.toString(), "-U", "/bin/sh", "-c", "test $(id -u) != 0"))) {
      before.addAll(List.of(unshare.toString(), "-U"));
      return new StepDown(List.copyOf(before), uid, false);
    }
    if (setpriv != null) {
      List<String> words = List.of(setpriv.toString(), "--reuid=" + NOBODY, "--regid=" + NOBODY, "--clear-groups");
      List<String> trial = new ArrayList<>(words);
      trial.addAll(List.of("/bin/sh", "-c", "test $(id -u) != 0"));
      if (Programs.succeeds(trial)) {
        before.addAll(words);
        return new StepDown(List.copyOf(before), NOBODY, true);
      }
    }
    throw new BackingException(Problem.CANNOT_RUN_AS_ROOT,
        "PostgreSQL does not run as root, and neither 'unshare -U' nor 'setpriv' works here to step down. "
            + "Start as another user, or give the address of a running PostgreSQL.");
  }

  /// Whoever steps down from root may enter only what is open to them.
  void requireEntry(Path folder) {
    if (OwnFolder.ourUid() != 0) {
      return;
    }
    List<String> trial = new ArrayList<>(before);
    trial.addAll(List.of("/bin/sh", "-c", "cd \"$0\"", folder.toString()));
    if (!Programs.succeeds(trial)) {
      throw new BackingException(Problem.CANNOT_RUN_AS_ROOT,
          "PostgreSQL does not run as root, and without root's powers the folder " + folder
              + " cannot be entered. Choose a folder that is open to others, such as /var/lib/e2relay, "
              + "or start as the user who owns it.");
    }
  }

  /// Ctrl-C in a terminal reaches every process of its session; the servers must outlast those who still use them.
  static List<String> ownSession() {
    @Nullable
    Path setsid = Programs.find("setsid");
    return setsid == null ? List.of() : List.of(setsid.toString());
  }
}
