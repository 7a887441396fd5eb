// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.e2ee;

import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import com.google.protobuf.ByteString;
import io.e2relay.client.SealedListener;
import io.e2relay.client.crypto.DeviceKeys;
import io.e2relay.client.crypto.InMemoryKeyStorage;
import io.e2relay.client.crypto.KeyStorage;
import io.e2relay.protocol.wire.ClientFrame;
import io.e2relay.protocol.wire.ServerFrame;
import io.e2relay.protocol.wire.Welcome;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Consumer;

/// A device that can be switched off before any step that leaves something behind, at the service or here (which is
/// after the step before, whatever was answered), and on again. All that the service answers can be replaced on the
/// way.
final class PlayedDevice {
  final InMemoryVault vault = new InMemoryVault();
  private final KeyStorage keys = new InMemoryKeyStorage();
  private final PlayedAccounts accounts;
  private Optional<Integer> offAt = Optional.empty();
  private int steps;
  BiFunction<ClientFrame, ServerFrame, ServerFrame> onTheWay = (_, answer) -> answer;

  PlayedDevice(PlayedAccounts accounts) {
    this.accounts = accounts;
  }

  /// The same, at a service that is the same.
  PlayedDevice(PlayedDevice other, PlayedAccounts accounts) {
    this(accounts);
    other.vault.keys("").forEach(key -> vault.write(Map.of(key, other.vault.get(key))));
    if (other.keys.load() instanceof KeyStorage.Loading.Loaded(DeviceKeys same)) {
      keys.save(same);
    }
  }

  /// What is thrown where the device is switched off.
  static final class SwitchedOff extends RuntimeException {
    private static final long serialVersionUID = 1;
  }

  /// Where its user stands after switching it on.
  Entrance on() {
    return on(new Entrance.Standing.Usual());
  }

  /// With what the service made of it when it connected.
  Entrance on(Entrance.Standing standing) {
    InstantSource clock = InstantSource.system();
    Identity identity = Identity.of(storage(), new Place(vault).owner(), clock);
    Online service = new Online(identity);
    if (new Place(vault()).isLeaving()) {
      LoggingOut.finish(() -> service, identity, new Place(vault()));
    }
    return new Entrance(service, identity, vault(), clock, standing);
  }

  Account entered() {
    return entered(on().enter());
  }

  static Account entered(Entry entry) {
    return assertInstanceOf(Entry.Entered.class, entry).account();
  }

  DeviceKeys keys() {
    return assertInstanceOf(KeyStorage.Loading.Loaded.class, keys.load()).keys();
  }

  /// Counts the steps from now on, and switches the device off at that one.
  void switchOffAt(int step) {
    steps = 0;
    offAt = Optional.of(step);
  }

  /// Never more; the answer is how many steps there were.
  int switchOffNever() {
    offAt = Optional.empty();
    return steps;
  }

  private void step() {
    if (offAt.filter(at -> at == steps).isPresent()) {
      throw new SwitchedOff();
    }
    steps++;
  }

  private KeyStorage storage() {
    return new KeyStorage() {
      @Override
      public Loading load() {
        return keys.load();
      }

      @Override
      public void save(DeviceKeys fresh) {
        step();
        keys.save(fresh);
      }
    };
  }

  private Vault vault() {
    return new Vault() {
      @Override
      public Optional<ByteString> get(String key) {
        return vault.get(key);
      }

      @Override
      public List<String> keys(String prefix) {
        return vault.keys(prefix);
      }

      @Override
      public void write(Map<String, Optional<ByteString>> changes) {
        step();
        vault.write(changes);
      }

      @Override
      public void close() {
        vault.close();
      }
    };
  }

  /// A connection of it.
  private final class Online implements Service {
    private final Identity identity;
    private Welcome welcome;

    Online(Identity identity) {
      this.identity = identity;
      this.welcome = greeting();
    }

    @Override
    public io.e2relay.client.crypto.Account owner() {
      return PlayedAccounts.OWNER;
    }

    @Override
    public Welcome welcome() {
      return welcome;
    }

    @Override
    public Welcome renew() {
      step();
      welcome = greeting();
      return welcome;
    }

    @Override
    public ServerFrame ask(ClientFrame.Builder request) {
      step();
      ServerFrame answer = accounts.answer(identity.keys().device(), request.build());
      return onTheWay.apply(request.build(), answer);
    }

    @Override
    public void onNews(Consumer<ServerFrame> handler) {
      // The tests look themselves.
    }

    @Override
    public void onSealed(SealedListener listener) {
      // There are no conversations here.
    }

    @Override
    public void close() {
      // Nothing is held.
    }

    private Welcome greeting() {
      return Welcome.newBuilder().setAccountSeq(accounts.accountSeq())
          .setDeviceProven(accounts.has(identity.keys().device())).build();
    }
  }
}
