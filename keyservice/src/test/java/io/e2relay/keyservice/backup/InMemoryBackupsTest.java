// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.backup;

final class InMemoryBackupsTest implements BackupsContract {
  private final InMemoryBackups.Kept kept = new InMemoryBackups.Kept();

  @Override
  public Backups backups(Peppers peppers) {
    return new InMemoryBackups(kept, peppers);
  }
}
