// SPDX-License-Identifier: Apache-2.0
package io.e2relay.deploy.attack;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.protobuf.ByteString;
import io.e2relay.client.e2ee.Account;
import io.e2relay.client.e2ee.AccountProblem;
import io.e2relay.client.e2ee.Authority;
import io.e2relay.client.e2ee.Change;
import io.e2relay.client.e2ee.Entrance;
import io.e2relay.client.e2ee.Entry;
import io.e2relay.deploy.endtoend.ServiceExtension;
import io.e2relay.protocol.record.Fault;
import io.e2relay.protocol.wire.Backup;
import io.e2relay.protocol.wire.BackupTerms;
import io.e2relay.protocol.wire.ClientFrame;
import io.e2relay.protocol.wire.ServerFrame;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// A server that wants to guess a password, or to give back keys that are not the user's any more.
final class PasswordAttackIT {
  @RegisterExtension
  static final ServiceExtension SERVICE = new ServiceExtension();

  @Test
  void a_password_is_not_shown_to_a_server_that_wants_it_weakly_derived() throws Exception {
    Map<String, Consumer<BackupTerms.Builder>> weak = new TreeMap<>(
        Map.of("one iteration", terms -> terms.setIterations(1), "one iteration too few",
            terms -> terms.setIterations(599_999), "one iteration too many", terms -> terms.setIterations(10_000_001),
            "no salt", BackupTerms.Builder::clearSalt, "the user's id as salt", terms -> terms.setSalt(bytes(16)),
            "a shorter salt", terms -> terms.setSalt(bytes(31)), "a longer salt", terms -> terms.setSalt(bytes(33)),
            "another function", terms -> terms.setKdfId(2), "no function", terms -> terms.setKdfId(0)));
    try (World world = World.ofStrangers(SERVICE)) {
      long before = opened(world);
      for (Map.Entry<String, Consumer<BackupTerms.Builder>> lie : weak.entrySet()) {
        try (Attack _ = world.server.onFrames(Lies.backupTerms(lie.getValue()));
            Entrance entrance = world.fresh(world.alice.name())) {
          assertEquals(new Entry.Refused(new AccountProblem.Mistrusted(Fault.WEAK_KDF)),
              entrance.restore(world.alice.passphrase()), lie.getKey());
        }
        assertEquals(before, opened(world), "nothing was shown: " + lie.getKey());
      }
      try (Account control = world.addDevice(world.alice)) {
        assertEquals(before + 1, opened(world));
        assertEquals(2, control.devices().size());
      }
      World.shown("weak_derivation", Fault.WEAK_KDF + " kinds=" + weak.size());
    }
  }

  @Test
  void an_older_backup_than_the_one_that_was_made_is_a_rollback() throws Exception {
    try (World world = World.ofStrangers(SERVICE)) {
      Account second = world.addDevice(world.alice);
      BackupTerms terms = last(world, ServerFrame::hasBackupTerms).getBackupTerms();
      Backup older = last(world, ServerFrame::hasBackup).getBackup();
      Authority password = new Authority.Password(world.alice.passphrase());
      assertEquals(new Change.Done(), world.alice.account().revoke(second.device(), password));
      second.close();
      Account third = world.addDevice(world.alice);
      try (
          Attack _ = world.server
              .onRequests(Edit.answer(ClientFrame::hasGetBackup, _ -> ServerFrame.newBuilder().setBackupTerms(terms)));
          Attack _ = world.server
              .onRequests(Edit.answer(ClientFrame::hasOpenBackup, _ -> ServerFrame.newBuilder().setBackup(older)))) {
        assertEquals(new Change.Refused(new AccountProblem.Mistrusted(Fault.ROLLED_BACK)),
            world.alice.account().revoke(third.device(), password));
      }
      assertEquals(new Change.Done(), world.alice.account().revoke(third.device(), password));
      third.close();
      World.shown("older_backup", Fault.ROLLED_BACK);
    }
  }

  @Test
  void an_older_account_than_the_one_that_the_backup_names_is_a_rollback() throws Exception {
    try (World world = World.ofStrangers(SERVICE)) {
      Account second = world.addDevice(world.alice);
      assertEquals(new Change.Done(),
          world.alice.account().revoke(second.device(), new Authority.Password(world.alice.passphrase())));
      second.close();
      List<ByteString> records = world.ledger.account(world.alice.uid());
      try (Attack _ = world.server.onFrames(Lies.account(world.alice.uid(), records.subList(0, 1)));
          Entrance entrance = world.fresh(world.alice.name())) {
        assertEquals(new Entry.Refused(new AccountProblem.Mistrusted(Fault.ROLLED_BACK)),
            entrance.restore(world.alice.passphrase()));
      }
      try (Account control = world.addDevice(world.alice)) {
        assertEquals(2, control.devices().size());
      }
      World.shown("older_account_at_restore", Fault.ROLLED_BACK);
    }
  }

  private static long opened(World world) {
    return world.server.asked(world.alice.name()).stream().filter(ClientFrame::hasOpenBackup).count();
  }

  private static ServerFrame last(World world, java.util.function.Predicate<ServerFrame> which) {
    return world.server.told(world.alice.name()).stream().filter(which).reduce((_, last) -> last).orElseThrow();
  }

  private static ByteString bytes(int count) {
    return ByteString.copyFrom(new byte[count]);
  }
}
