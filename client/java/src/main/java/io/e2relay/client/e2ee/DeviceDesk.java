// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.e2ee;

import io.e2relay.client.crypto.AccountMaker;
import io.e2relay.client.crypto.AgreementKey;
import io.e2relay.client.crypto.DeviceKeys;
import io.e2relay.client.crypto.DeviceOffer;
import io.e2relay.client.crypto.MadeAccount;
import io.e2relay.client.crypto.SigningKey;
import io.e2relay.protocol.id.DeviceId;
import io.e2relay.protocol.record.AccountRecord;
import io.e2relay.protocol.record.AccountStatement;
import io.e2relay.protocol.record.Device;
import io.e2relay.protocol.record.Fault;
import io.e2relay.protocol.record.Reading;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Takes devices into the account and puts them out of it, with the root at hand for that moment only.
///
/// Nothing of it has to outlast a crash: a record is at the service or it is not. A backup goes before the record whose
/// key is in it, so that there is never a key that only one device has.
final class DeviceDesk {
  private static final int TRIES = 4;

  private final Service service;
  private final Identity identity;
  private final OwnChain chain;
  private final OwnKeys keys;
  private final BackupDesk backups;
  private final InstantSource clock;

  DeviceDesk(Service service, Identity identity, OwnChain chain, BackupDesk backups, InstantSource clock) {
    this.service = service;
    this.identity = identity;
    this.chain = chain;
    this.keys = new OwnKeys(service, identity, chain);
    this.backups = backups;
    this.clock = clock;
  }

  /// The root, or why it is not to be had.
  sealed interface Access {
    record Granted(Root root) implements Access {
    }

    record Refused(AccountProblem problem) implements Access {
    }
  }

  Access root(Authority authority) {
    return switch (authority) {
      case Authority.Password(String text) -> switch (backups.open(text)) {
        case BackupDesk.Opening.Refused(AccountProblem problem) -> new Access.Refused(problem);
        case BackupDesk.Opening.Opened(BackupDesk.Found found) -> root(found);
      };
      case Authority.Device _ -> switch (keys.root()) {
        case Reading.Read<SigningKey>(SigningKey key) ->
          new Access.Granted(new Root(key, new TreeMap<>(), Optional.empty()));
        case Reading.Unreadable<SigningKey> _ -> new Access.Refused(new AccountProblem.RootElsewhere());
      };
    };
  }

  Access root(BackupDesk.Found found) {
    return switch (Root.of(found, chain.records())) {
      case Reading.Read<Root>(Root root) -> new Access.Granted(root);
      case Reading.Unreadable<Root>(Fault fault) -> new Access.Refused(new AccountProblem.Mistrusted(fault));
    };
  }

  Optional<AccountProblem> revoke(DeviceId device, Authority authority) {
    return tried(() -> {
      if (chain.statement().device(device).isEmpty()) {
        return new Try.Over(Optional.of(new AccountProblem.UnknownDevice()));
      }
      return switch (root(authority)) {
        case Access.Refused(AccountProblem problem) -> new Try.Over(Optional.of(problem));
        case Access.Granted(Root root) -> revoke(device, root);
      };
    });
  }

  private Try revoke(DeviceId device, Root root) {
    AgreementKey next = AgreementKey.generate();
    AccountRecord newest = chain.chain().last();
    if (root.backup().isPresent()) {
      SortedMap<Long, AgreementKey> generations = new TreeMap<>(identity.keys().generations());
      generations.put(newest.statement().aekGen() + 1, next);
      Optional<AccountProblem> problem = backups.replace(root.backup().get(), root.bundle(newest, generations));
      if (problem.isPresent()) {
        return new Try.Over(problem);
      }
    }
    AccountMaker maker = new AccountMaker(chain.owner(), root.key());
    return put(maker, maker.revoke(chain.chain(), next, Set.of(device), clock.millis()), root);
  }

  Optional<AccountProblem> add(Enrolment enrolment, Authority authority) {
    return tried(() -> {
      DeviceOffer offer = enrolment.offer();
      Optional<Device> there = chain.statement().device(offer.device());
      if (there.isPresent()) {
        boolean same = there.get().dsk().equals(offer.dsk()) && there.get().dek().equals(offer.dek());
        return new Try.Over(same ? Optional.empty() : Optional.of(new AccountProblem.OtherDevice()));
      }
      return switch (root(authority)) {
        case Access.Refused(AccountProblem problem) -> new Try.Over(Optional.of(problem));
        case Access.Granted(Root root) -> add(offer, root);
      };
    });
  }

  /// The newest generation of the user's key is needed to hand it on; where nobody has it any more, a new one is made.
  Try add(DeviceOffer offer, Root root) {
    AccountMaker maker = new AccountMaker(chain.owner(), root.key());
    AccountStatement newest = chain.statement();
    if (newest.devices().size() == AccountStatement.DEVICES_MAX) {
      return new Try.Over(Optional.of(new AccountProblem.TooManyDevices()));
    }
    AgreementKey aek = identity.keys().generations().get(newest.aekGen());
    if (aek == null) {
      return rotate(maker, root);
    }
    chain.expect(offer.dsk(), offer.dek());
    MadeAccount made;
    try {
      made = maker.add(chain.chain(), aek, List.of(offer), clock.millis());
    } catch (IllegalArgumentException e) {
      return new Try.Over(Optional.of(new AccountProblem.Mistrusted(fault(e))));
    }
    return put(maker, made, root);
  }

  private Try rotate(AccountMaker maker, Root root) {
    AgreementKey next = AgreementKey.generate();
    MadeAccount made = maker.rotate(chain.chain(), next, clock.millis());
    if (put(maker, made, root) instanceof Try.Over) {
      identity.learn(Map.of(made.record().statement().aekGen(), next));
    }
    return new Try.Again();
  }

  private Try put(AccountMaker maker, MadeAccount made, Root root) {
    boolean done = RecordDesk.put(service, maker, made, root.backup().isEmpty());
    look();
    // What came of an answer that was lost is in the chain.
    return done || chain.chain().last().hash().equals(made.record().hash())
        ? new Try.Over(Optional.empty())
        : new Try.Again();
  }

  private void look() {
    DeviceKeys me = identity.keys();
    chain.look(service, me);
    if (chain.has(me) && service.welcome().getDeviceProven()) {
      keys.fetch();
    }
  }

  /// One round: it is over, or somebody else changed the account at the same time.
  sealed interface Try {
    record Over(Optional<AccountProblem> problem) implements Try {
    }

    record Again() implements Try {
    }
  }

  Optional<AccountProblem> tried(Supplier<Try> round) {
    for (int i = 0; i < TRIES; i++) {
      look();
      if (round.get() instanceof Try.Over(Optional<AccountProblem> problem)) {
        return problem;
      }
    }
    return Optional.of(new AccountProblem.Contended());
  }

  private static Fault fault(IllegalArgumentException e) {
    @Nullable
    String name = e.getMessage();
    return Arrays.stream(Fault.values()).filter(one -> one.name().equals(name)).findFirst().orElse(Fault.RULE_BROKEN);
  }
}
