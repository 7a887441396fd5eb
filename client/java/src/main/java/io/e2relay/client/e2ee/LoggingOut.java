// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.e2ee;

import io.e2relay.client.RefusedException;
import io.e2relay.protocol.error.ErrorCode;
import io.e2relay.protocol.wire.ClientFrame;
import io.e2relay.protocol.wire.RetireDevice;
import java.util.function.Supplier;

/// Ends a device: first at the service, then here. Where it is interrupted it goes on at the next start.
final class LoggingOut {
  private LoggingOut() {
  }

  static void of(Service service, Identity identity, Place place) {
    place.leave();
    retire(service);
    forget(identity, place);
  }

  /// A device that the service does not let in any more is retired already.
  static void finish(Supplier<Service> connecting, Identity identity, Place place) {
    try (Service service = connecting.get()) {
      retire(service);
    } catch (RefusedException e) {
      if (e.code() != ErrorCode.DEVICE_UNPROVEN.number() && e.code() != ErrorCode.DEVICE_IDLE.number()) {
        throw e;
      }
    }
    forget(identity, place);
  }

  private static void retire(Service service) {
    if (service.welcome().getDeviceProven()) {
      service.ask(ClientFrame.newBuilder().setRetireDevice(RetireDevice.getDefaultInstance()));
    }
  }

  /// The keys first: without them nothing in the vault says anything about a device.
  private static void forget(Identity identity, Place place) {
    identity.another();
    place.clear();
  }
}
