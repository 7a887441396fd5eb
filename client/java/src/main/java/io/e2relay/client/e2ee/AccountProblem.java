// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.e2ee;

import io.e2relay.protocol.record.Fault;
import java.time.Duration;

/// Why something with an account did not work.
public sealed interface AccountProblem {
  /// The service knows no account of this user.
  record NoAccount() implements AccountProblem {
  }

  /// There is an account already, made by another device or by somebody else: restore it, or be alarmed.
  record AccountExists() implements AccountProblem {
  }

  /// This device is not in the account.
  record NotInAccount() implements AccountProblem {
  }

  /// This device is of another user than the one who is logged in.
  record OtherUser() implements AccountProblem {
  }

  /// The service lets this device in no more: it was revoked, or the service pretends so. Restoring makes another
  /// device of it, which remembers nothing.
  record Removed() implements AccountProblem {
  }

  /// Nobody used this device for a long time: it is to be unlocked with the password.
  record Idle() implements AccountProblem {
  }

  /// The wrong password or recovery code, or there is no backup: the service does not tell which.
  record WrongSecret() implements AccountProblem {
  }

  /// What was typed cannot be a recovery code: there is a typing error in it.
  record MistypedCode() implements AccountProblem {
  }

  /// Wrong passwords were shown too often: not even the right one is looked at before that time is over.
  record TooManyTries(Duration left) implements AccountProblem {
  }

  /// The password opens this backup no more; the recovery code does.
  record Locked() implements AccountProblem {
  }

  /// The backup is another than this device knew: the password was changed on another device.
  record Moved() implements AccountProblem {
  }

  /// Others changed the account again and again at the same time.
  record Contended() implements AccountProblem {
  }

  /// The account's root is not with this device but in the backup: show its password.
  record RootElsewhere() implements AccountProblem {
  }

  /// Too short, or too easily guessed.
  record WeakPassword(double bits) implements AccountProblem {
  }

  /// The new device shows another code: somebody may have put another device in its place.
  record OtherDevice() implements AccountProblem {
  }

  /// The account has no such device.
  record UnknownDevice() implements AccountProblem {
  }

  /// The account has as many devices as it can have.
  record TooManyDevices() implements AccountProblem {
  }

  /// What the service, or the new device, shows is not believed.
  record Mistrusted(Fault fault) implements AccountProblem {
  }
}
