// SPDX-License-Identifier: Apache-2.0
package io.e2relay.deploy.endtoend;

/// Prints what a test has shown, with the sizes it really ran.
public final class Shown {
  private Shown() {
  }

  public static void line(String text) {
    IO.println("shown: " + text);
  }
}
