// SPDX-License-Identifier: Apache-2.0
package io.e2relay.backing;

/// A schema of the database, and the folder on the class path with the migrations that build it.
public record Schema(String name, String location) {
}
