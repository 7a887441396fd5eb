// SPDX-License-Identifier: Apache-2.0
package io.e2relay.backing;

/// Why a backing service could not be started, as far as its caller can act on it.
public enum Problem {
  // The data folder or the folder of extracted binaries belongs to another user.
  OTHER_OWNER,
  // The data was written by another major version of PostgreSQL.
  OTHER_VERSION,
  // Another living process of ours holds the data folder.
  IN_USE,
  // Another program listens on the wanted port.
  PORT_IN_USE,
  // No space is left where the data or the binaries lie.
  DISK_FULL,
  // We run as root, which PostgreSQL refuses, and cannot step down here.
  CANNOT_RUN_AS_ROOT,
  // There are no server binaries that run on this machine.
  NO_BINARIES,
  // A schema could not be migrated.
  MIGRATION,
  // Anything else; the message quotes the server.
  FAILED
}
