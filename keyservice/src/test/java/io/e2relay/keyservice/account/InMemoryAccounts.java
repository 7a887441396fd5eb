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
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Accounts that forget everything with the process.
public final class InMemoryAccounts implements Accounts {
  private record Kept(Put put, long storedMs) {
    AccountRecord record() {
      return put.record();
    }
  }

  private record Whose(Uid uid, DeviceId device) {
  }

  private record Owned(Uid uid, KeyUse.Purpose purpose, ByteString device) {
  }

  private final Map<Uid, List<Kept>> chains = new HashMap<>();
  private final Map<Point, Owned> keys = new HashMap<>();
  private final Map<Whose, DeviceUse> uses = new HashMap<>();
  // The record behind which a device's wraps are still there.
  private final Map<Whose, Long> unwrapped = new HashMap<>();
  private final Set<Uid> bots = new HashSet<>();

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
    AccountRules.Standing standing = new AccountRules.Standing(verified(chain), turns, strict(put.caller()),
        bots.contains(put.caller()));
    return switch (AccountRules.decide(standing, there, put)) {
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
        if (seq > Math.max(after, unwrapped.getOrDefault(new Whose(uid, device), 0L)) && devices.contains(device)) {
          int place = devices.indexOf(device);
          wraps.add(new Wrap(seq, kept.put().wraps().get(place),
              kept.put().rootWraps().isEmpty() ? ByteString.EMPTY : kept.put().rootWraps().get(place)));
        }
      }
    }
    return new Wraps(wraps, false);
  }

  @Override
  public Arrival arrive(Uid uid, DeviceId device, boolean bot) {
    if (bot) {
      bots.add(uid);
    } else {
      bots.remove(uid);
    }
    return new Arrival(newest(uid), uses.get(new Whose(uid, device)));
  }

  @Override
  public void saw(Uid uid, DeviceId device, long nowMs) {
    AccountRecord newest = newest(uid);
    if (newest != null && newest.statement().device(device).isPresent()) {
      uses.merge(new Whose(uid, device), new DeviceUse(nowMs, 0),
          (old, now) -> new DeviceUse(Math.max(old.seenMs(), now.seenMs()), old.retiredSeq()));
    }
  }

  @Override
  public void retire(Uid uid, DeviceId device, long nowMs) {
    AccountRecord newest = newest(uid);
    if (newest != null) {
      Whose whose = new Whose(uid, device);
      long seq = newest.statement().seq();
      uses.merge(whose, new DeviceUse(nowMs, seq), (old, now) -> new DeviceUse(old.seenMs(), now.retiredSeq()));
      unwrapped.put(whose, seq);
    }
  }

  @Override
  public Set<DeviceId> devices(Uid uid) {
    AccountRecord newest = newest(uid);
    return newest == null
        ? Set.of()
        : newest.statement().devices().stream()
            .filter(entry -> !uses.getOrDefault(new Whose(uid, entry.id()), new DeviceUse(0, 0)).retired(entry))
            .map(Device::id).collect(Collectors.toSet());
  }

  @Override
  public boolean strict(Uid uid) {
    List<Kept> chain = chains.getOrDefault(uid, List.of());
    return !chain.isEmpty() && !chain.getFirst().put().rootWraps().isEmpty();
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
    chains.computeIfAbsent(put.caller(), _ -> new ArrayList<>()).add(new Kept(put, nowMs));
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
