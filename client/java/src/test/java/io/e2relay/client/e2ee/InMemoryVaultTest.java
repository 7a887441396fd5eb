// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.e2ee;

final class InMemoryVaultTest implements VaultContract {
  private final Vault vault = new InMemoryVault();

  @Override
  public Vault vault() {
    return vault;
  }

  @Override
  public Vault reopened() {
    vault.close();
    return vault;
  }
}
