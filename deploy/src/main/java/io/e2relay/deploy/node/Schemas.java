// SPDX-License-Identifier: Apache-2.0
package io.e2relay.deploy.node;

import io.e2relay.backing.Schema;
import java.util.List;

/// The schemas of the database, in the order in which they depend on each other.
public final class Schemas {
  /// The key service moves the fence through a function of the store, so the store comes first.
  public static final List<Schema> ALL = List.of(new Schema("store", "db/store"), new Schema("keys", "db/keys"));

  private Schemas() {
  }
}
