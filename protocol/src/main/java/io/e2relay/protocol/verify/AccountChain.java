// SPDX-License-Identifier: Apache-2.0
package io.e2relay.protocol.verify;

import static java.util.Objects.requireNonNull;

import io.e2relay.protocol.id.DeviceId;
import io.e2relay.protocol.record.AccountKind;
import io.e2relay.protocol.record.AccountRecord;
import io.e2relay.protocol.record.AccountStatement;
import io.e2relay.protocol.record.Continuity;
import io.e2relay.protocol.record.Device;
import io.e2relay.protocol.record.Fault;
import io.e2relay.protocol.record.Point;
import io.e2relay.protocol.record.Reading;
import io.e2relay.protocol.record.Signature;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// How far an account's chain is verified: its last record, and the resets that the owner can still undo.
public record AccountChain(AccountRecord last, List<Reset> resets) {
  private static final long VETO_MS = 24L * 60 * 60 * 1000;

  /// A reset, and the record before it.
  public record Reset(AccountRecord before, long createdMs) {
  }

  public AccountChain {
    resets = List.copyOf(resets);
  }

  /// Begins with the first record.
  public static Reading<AccountChain> from(AccountRecord record) {
    return new Finding().and(() -> alone(record)).require(() -> record.statement().seq() == 1, Fault.BROKEN_CHAIN)
        .reading(() -> new AccountChain(record, List.of()));
  }

  /// What is to be checked of a record by itself.
  public static Verdict alone(AccountRecord record) {
    AccountStatement statement = record.statement();
    List<Point> keys = keys(statement);
    return new Finding().require(() -> keys.stream().allMatch(Points::isOnCurve), Fault.INVALID_POINT)
        .require(() -> Set.copyOf(keys).size() == keys.size(), Fault.KEY_REUSED)
        .require(() -> Signatures.verify(statement.ark(), "account", statement.tbs(), record.byRoot()),
            Fault.BAD_SIGNATURE)
        .require(() -> possessed(record), Fault.BAD_SIGNATURE).verdict();
  }

  /// With one record more, if it follows; unchanged, if it is the last one again.
  public Reading<AccountChain> next(AccountRecord record) {
    return new Finding().and(() -> alone(record)).and(() -> follows(record))
        .reading(() -> isLast(record) ? this : new AccountChain(record, resetsAfter(record)));
  }

  private Verdict follows(AccountRecord record) {
    AccountStatement now = record.statement();
    AccountStatement before = last.statement();
    Finding finding = new Finding()
        .require(() -> now.tenant().equals(before.tenant()) && now.uid().equals(before.uid()), Fault.WRONG_CONTEXT)
        .require(() -> now.seq() >= before.seq(), Fault.ROLLED_BACK)
        .require(() -> now.seq() != before.seq() || isLast(record), Fault.FORKED);
    if (now.seq() == before.seq()) {
      return finding.verdict();
    }
    return finding.require(() -> now.seq() == before.seq() + 1 && now.prev().equals(last.hash()), Fault.BROKEN_CHAIN)
        .require(() -> keepsRule(now), Fault.RULE_BROKEN)
        .require(() -> signerOf(record.continuity()).isPresent(), Fault.NOT_A_SIGNER)
        .require(() -> continues(record), Fault.BAD_SIGNATURE).verdict();
  }

  private boolean isLast(AccountRecord record) {
    return record.hash().equals(last.hash());
  }

  private boolean keepsRule(AccountStatement now) {
    AccountStatement before = last.statement();
    boolean sameRoot = now.ark().equals(before.ark());
    boolean nextKey = now.aekGen() == before.aekGen() + 1 && !now.aek().equals(before.aek());
    return switch (now.kind()) {
      case GENESIS -> false;
      case DEVICE_ADDED -> sameRoot && now.aekGen() == before.aekGen() && now.aek().equals(before.aek())
          && keepsDevices(now) && stay(before, now) && added(now);
      case DEVICE_REVOKED -> sameRoot && nextKey && keepsDevices(now) && !stay(before, now) && !added(now);
      case AEK_ROTATED -> sameRoot && nextKey && now.devices().equals(before.devices());
      case IDENTITY_RESET -> !sameRoot && nextKey && keepsDevices(now);
      case RESET_VETOED -> nextKey && undone(now).isPresent();
    };
  }

  /// Entries of devices that stay are unchanged, and new ones say since when.
  private boolean keepsDevices(AccountStatement now) {
    return now.devices().stream().allMatch(
        device -> last.statement().device(device.id()).map(device::equals).orElse(device.addedSeq() == now.seq()));
  }

  private boolean added(AccountStatement now) {
    return now.devices().stream().anyMatch(device -> last.statement().device(device.id()).isEmpty());
  }

  private static boolean stay(AccountStatement before, AccountStatement now) {
    return before.devices().stream().allMatch(device -> now.device(device.id()).isPresent());
  }

  /// The earliest reset that a veto can undo: whoever resets twice does not outrun the owner.
  private Optional<Reset> undone(AccountStatement veto) {
    return resets.stream()
        .filter(reset -> veto.ark().equals(reset.before().statement().ark())
            && veto.createdMs() <= reset.createdMs() + VETO_MS
            && reset.before().statement().devices().containsAll(veto.devices()))
        .findFirst();
  }

  private List<Reset> resetsAfter(AccountRecord record) {
    AccountStatement now = record.statement();
    List<Reset> left = new ArrayList<>(resets);
    if (now.kind() == AccountKind.IDENTITY_RESET) {
      left.add(new Reset(last, now.createdMs()));
    }
    undone(now).filter(_ -> now.kind() == AccountKind.RESET_VETOED)
        .ifPresent(reset -> left.subList(left.indexOf(reset), left.size()).clear());
    return left;
  }

  /// The key that has to stand for a reset; the record's own where nobody does, which is not asked then.
  private Optional<Point> signerOf(Continuity continuity) {
    return switch (continuity) {
      case Continuity.None _ -> Optional.of(last.statement().ark());
      case Continuity.ByRoot _ -> Optional.of(last.statement().ark());
      case Continuity.ByDevice(DeviceId device, Signature _) -> last.statement().device(device).map(Device::dsk);
    };
  }

  private boolean continues(AccountRecord record) {
    Point signer = requireNonNull(signerOf(record.continuity()).orElse(null), "asked before");
    return switch (record.continuity()) {
      case Continuity.None _ -> true;
      case Continuity.ByRoot(Signature signature) -> continued(signer, record, signature);
      case Continuity.ByDevice(DeviceId _, Signature signature) -> continued(signer, record, signature);
    };
  }

  private static boolean continued(Point signer, AccountRecord record, Signature signature) {
    return Signatures.verify(signer, "account-cont", record.statement().tbs(), signature);
  }

  private static boolean possessed(AccountRecord record) {
    List<Device> devices = record.statement().devices();
    for (int i = 0; i < devices.size(); i++) {
      Device device = devices.get(i);
      if (!Signatures.verify(device.dsk(), "dev-pop", record.statement().possession(device), record.pops().get(i))) {
        return false;
      }
    }
    return true;
  }

  private static List<Point> keys(AccountStatement statement) {
    List<Point> keys = new ArrayList<>(List.of(statement.ark(), statement.aek()));
    statement.devices().forEach(device -> {
      keys.add(device.dsk());
      keys.add(device.dek());
    });
    return keys;
  }
}
