// SPDX-License-Identifier: Apache-2.0
package io.e2relay.store;

/// Cannot be done right now, and nothing may be concluded about whether it was done.
final class Unavailable extends RuntimeException {
  private static final long serialVersionUID = 1L;

  // One per request in an outage: without a stack it costs next to nothing.
  Unavailable(String why) {
    super(why, null, false, false);
  }
}
