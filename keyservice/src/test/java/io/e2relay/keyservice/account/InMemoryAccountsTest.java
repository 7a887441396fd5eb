// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.account;

/// The fake keeps the contract.
final class InMemoryAccountsTest implements AccountsContract, AccountDevicesContract {
  private final Accounts accounts = new InMemoryAccounts();

  @Override
  public Accounts accounts() {
    return accounts;
  }

  @Override
  public void arrive(Owner owner, Owner.Keys device, boolean bot) {
    accounts.arrive(owner.uid, device.id(), bot);
  }
}
