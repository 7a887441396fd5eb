// SPDX-License-Identifier: Apache-2.0
package io.e2relay.protocol.record;

/// One of a few things, as the number that stands for it in a record.
interface Numbered {
  int number();
}
