// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.e2ee;

import io.e2relay.client.Client;
import io.e2relay.client.SealedListener;
import io.e2relay.client.crypto.Account;
import io.e2relay.protocol.wire.ClientFrame;
import io.e2relay.protocol.wire.ServerFrame;
import io.e2relay.protocol.wire.Welcome;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/// The service as an account needs it, so that its tests can stop it anywhere.
interface Service extends AutoCloseable {
  /// Who is logged in.
  Account owner();

  /// What it said when it last welcomed this device.
  Welcome welcome();

  /// Connects anew, so that it looks again at who this device is.
  Welcome renew();

  /// Asks; a RefusedException says why not.
  ServerFrame ask(ClientFrame.Builder request);

  /// Whether it knows this device as one of the account; it is made to look again if it did not.
  default boolean proven() {
    for (int i = 0; i < 3 && !welcome().getDeviceProven(); i++) {
      renew();
    }
    return welcome().getDeviceProven();
  }

  void onNews(Consumer<ServerFrame> handler);

  void onSealed(SealedListener listener);

  @Override
  void close();

  /// Over a connection.
  final class Online implements Service {
    private final Client client;
    private final AtomicBoolean closed = new AtomicBoolean();

    Online(Client client) {
      this.client = client;
    }

    @Override
    public Account owner() {
      return new Account(client.tenant(), client.me());
    }

    @Override
    public Welcome welcome() {
      return client.welcome();
    }

    @Override
    public Welcome renew() {
      return client.renew();
    }

    @Override
    public ServerFrame ask(ClientFrame.Builder request) {
      return client.ask(request);
    }

    @Override
    public void onNews(Consumer<ServerFrame> handler) {
      client.onNews(handler);
    }

    @Override
    public void onSealed(SealedListener listener) {
      client.onSealed(listener);
    }

    @Override
    public void close() {
      if (!closed.getAndSet(true)) {
        client.close();
      }
    }
  }
}
