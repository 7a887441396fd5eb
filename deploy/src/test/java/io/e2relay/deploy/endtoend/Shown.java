// SPDX-License-Identifier: Apache-2.0
package io.e2relay.deploy.endtoend;

/// Prints what a test has shown, with the sizes it really ran.
final class Shown {
  private Shown() {
  }

  static void line(String text) {
    IO.println("shown: " + text);
  }
}
