// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.account;

/// The fake keeps the contract.
final class InMemoryAccountsTest implements AccountsContract {
  private final Accounts accounts = new InMemoryAccounts();

  @Override
  public Accounts accounts() {
    return accounts;
  }
}
