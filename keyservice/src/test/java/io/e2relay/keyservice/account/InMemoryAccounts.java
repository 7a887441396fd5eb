// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.account;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.error.ErrorCode;
import io.e2relay.protocol.id.DeviceId;
import io.e2relay.protocol.id.TenantId;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.record.AccountRecord;
import io.e2relay.protocol.record.Device;
import io.e2relay.protocol.record.Fault;
import io.e2relay.protocol.record.Point;
import io.e2relay.protocol.record.Reading;
import io.e2relay.protocol.verify.AccountChain;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Accounts that forget everything with the process.
public final class InMemoryAccounts implements Accounts {
  private record Kept(AccountRecord record, List<ByteString> wraps, long storedMs) {
  }

  private record Owned(Uid uid, KeyUse.Purpose purpose, ByteString device) {
  }

  private final Map<Uid, List<Kept>> chains = new HashMap<>();
  private final Map<Point, Owned> keys = new HashMap<>();

  @Override
  public Stored put(Put put, long nowMs) {
    Ruling.Unfit unfit = AccountRules.unfit(put, nowMs);
    if (unfit != null) {
      return new Stored.Unfit(unfit.fault());
    }
    List<Kept> chain = chains.getOrDefault(put.caller(), List.of());
    long seq = put.record().statement().seq();
    AccountRecord there = seq <= chain.size() ? chain.get((int) seq - 1).record() : null;
    int turns = (int) chain.stream()
        .filter(
            kept -> AccountRules.turns(kept.record().statement().kind()) && kept.storedMs() > nowMs - 24L * 3_600_000)
        .count();
    return switch (AccountRules.decide(new AccountRules.Standing(verified(chain), turns), there, put.record())) {
      case Ruling.Known _ -> new Stored.Before(seq);
      case Ruling.Refused(ErrorCode code) -> new Stored.Refused(code);
      case Ruling.Unfit(Fault fault) -> new Stored.Unfit(fault);
      case Ruling.Next(List<KeyUse> uses) -> save(put, uses, nowMs);
    };
  }

  @Override
  public Chains chains(TenantId tenant, Map<Uid, Long> after) {
    List<Chain> found = new ArrayList<>();
    after.forEach((uid, seq) -> {
      List<Kept> chain = chains.getOrDefault(uid, List.of());
      if (!chain.isEmpty() && chain.getFirst().record().statement().tenant().equals(tenant)) {
        found.add(new Chain(uid, chain.stream().skip(seq).map(kept -> kept.record().bytes()).toList(), chain.size()));
      }
    });
    return new Chains(found, false);
  }

  @Override
  public @Nullable AccountRecord newest(Uid uid) {
    List<Kept> chain = chains.getOrDefault(uid, List.of());
    return chain.isEmpty() ? null : chain.getLast().record();
  }

  @Override
  public Wraps wraps(Uid uid, DeviceId device, long after) {
    List<Wrap> wraps = new ArrayList<>();
    AccountRecord newest = newest(uid);
    if (newest != null && newest.statement().device(device).isPresent()) {
      for (Kept kept : chains.getOrDefault(uid, List.of())) {
        List<DeviceId> devices = kept.record().statement().devices().stream().map(Device::id).toList();
        long seq = kept.record().statement().seq();
        if (seq > after && devices.contains(device)) {
          wraps.add(new Wrap(seq, kept.wraps().get(devices.indexOf(device))));
        }
      }
    }
    return new Wraps(wraps, false);
  }

  private Stored save(Put put, List<KeyUse> uses, long nowMs) {
    Point turned = put.record().statement().aek();
    boolean again = uses.stream().anyMatch(use -> {
      Owned owned = keys.get(use.key());
      return owned != null && !owned.equals(new Owned(put.caller(), use.purpose(), use.device()));
    }) || (AccountRules.turns(put.record().statement().kind()) && keys.containsKey(turned));
    if (again) {
      return new Stored.Unfit(Fault.KEY_REUSED);
    }
    uses.forEach(use -> keys.put(use.key(), new Owned(put.caller(), use.purpose(), use.device())));
    chains.computeIfAbsent(put.caller(), _ -> new ArrayList<>()).add(new Kept(put.record(), put.wraps(), nowMs));
    return new Stored.Now(put.record().statement().seq(), List.of());
  }

  private static @Nullable AccountChain verified(List<Kept> kept) {
    AccountChain chain = null;
    for (Kept one : kept) {
      Reading<AccountChain> next = chain == null ? AccountChain.from(one.record()) : chain.next(one.record());
      chain = ((Reading.Read<AccountChain>) next).value();
    }
    return chain;
  }
}
