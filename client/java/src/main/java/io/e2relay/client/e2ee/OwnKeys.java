// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.e2ee;

import io.e2relay.client.crypto.Account;
import io.e2relay.client.crypto.AgreementKey;
import io.e2relay.client.crypto.DeviceKeys;
import io.e2relay.client.crypto.SigningKey;
import io.e2relay.client.crypto.Wrapping;
import io.e2relay.protocol.record.AccountRecord;
import io.e2relay.protocol.record.Fault;
import io.e2relay.protocol.record.Reading;
import io.e2relay.protocol.wire.ClientFrame;
import io.e2relay.protocol.wire.DeviceWrap;
import io.e2relay.protocol.wire.DeviceWraps;
import io.e2relay.protocol.wire.GetDeviceWraps;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Gets the generations of the user's key that were wrapped for this device, and in accounts without a backup the root.
final class OwnKeys {
  private final Service service;
  private final Identity identity;
  private final OwnChain chain;

  OwnKeys(Service service, Identity identity, OwnChain chain) {
    this.service = service;
    this.identity = identity;
    this.chain = chain;
  }

  /// Learns what is missing; false if the newest one is still not there.
  boolean fetch() {
    DeviceKeys keys = identity.keys();
    List<AccountRecord> missing = chain.records().stream()
        .filter(record -> record.statement().device(keys.device()).isPresent()
            && !keys.generations().containsKey(record.statement().aekGen()))
        .toList();
    if (!missing.isEmpty()) {
      Map<Long, AgreementKey> opened = new HashMap<>();
      for (DeviceWrap wrap : wraps(missing.getFirst().statement().seq() - 1)) {
        record(wrap.getSeq()).ifPresent(record -> {
          if (open(keys, record, wrap) instanceof Reading.Read<AgreementKey>(AgreementKey key)) {
            opened.put(record.statement().aekGen(), key);
          }
        });
      }
      identity.learn(opened);
    }
    return identity.keys().generations().containsKey(chain.statement().aekGen());
  }

  /// The root, in an account without a backup.
  Reading<SigningKey> root() {
    DeviceKeys keys = identity.keys();
    Account owner = chain.owner();
    AccountRecord newest = chain.chain().last();
    for (DeviceWrap wrap : wraps(newest.statement().seq() - 1)) {
      if (wrap.getSeq() == newest.statement().seq() && !wrap.getRootWrap().isEmpty()) {
        var what = new Wrapping.AccountWrap(owner.tenant(), owner.uid(), keys.device(), newest.hash());
        return Wrapping.unwrap(keys.agreement(), what, newest.statement().ark(), wrap.getRootWrap());
      }
    }
    return new Reading.Unreadable<>(Fault.CANNOT_OPEN);
  }

  private List<DeviceWrap> wraps(long after) {
    List<DeviceWrap> all = new ArrayList<>();
    long from = after;
    DeviceWraps page;
    do {
      page = service.ask(ClientFrame.newBuilder().setGetDeviceWraps(GetDeviceWraps.newBuilder().setAfterSeq(from)))
          .getDeviceWraps();
      all.addAll(page.getWrapsList());
      from = page.getWrapsCount() == 0 ? from : page.getWraps(page.getWrapsCount() - 1).getSeq();
    } while (page.getMore() && page.getWrapsCount() > 0 && all.size() <= chain.records().size());
    return all;
  }

  private Optional<AccountRecord> record(long seq) {
    List<AccountRecord> records = chain.records();
    return seq >= 1 && seq <= records.size() ? Optional.of(records.get((int) seq - 1)) : Optional.empty();
  }

  private Reading<AgreementKey> open(DeviceKeys keys, AccountRecord record, DeviceWrap wrap) {
    Account owner = chain.owner();
    var what = new Wrapping.DeviceWrap(owner.tenant(), owner.uid(), keys.device(), record.statement().aekGen(),
        record.hash());
    return Wrapping.unwrap(keys.agreement(), what, record.statement().aek(), wrap.getWrap());
  }
}
