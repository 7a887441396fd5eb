// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.epoch;

import io.e2relay.keyservice.account.Accounts;
import io.e2relay.keyservice.account.InMemoryAccounts;
import io.e2relay.keyservice.conversation.Conversations;

/// The fake keeps the contract.
final class InMemoryEpochsTest implements UpgradesContract, ResetsContract {
  private final Accounts accounts = new InMemoryAccounts();
  private final InMemoryEpochs epochs = new InMemoryEpochs(accounts, MEMBERS_MAX);

  @Override
  public Epochs epochs() {
    return epochs;
  }

  @Override
  public Conversations conversations() {
    return epochs.conversations();
  }

  @Override
  public Accounts accounts() {
    return accounts;
  }
}
