// SPDX-License-Identifier: Apache-2.0
package io.e2relay.deploy.attack;

/// An edit at work; once it has ended, the server is honest again in this respect.
@FunctionalInterface
interface Attack extends AutoCloseable {
  void end();

  @Override
  default void close() {
    end();
  }
}
