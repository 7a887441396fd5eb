// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.crypto;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.id.DeviceId;
import io.e2relay.protocol.record.AccountKind;
import io.e2relay.protocol.record.AccountRecord;
import io.e2relay.protocol.record.AccountStatement;
import io.e2relay.protocol.record.Continuity;
import io.e2relay.protocol.record.Device;
import io.e2relay.protocol.record.Fault;
import io.e2relay.protocol.record.Hash;
import io.e2relay.protocol.record.Reading;
import io.e2relay.protocol.record.Signature;
import io.e2relay.protocol.verify.AccountChain;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Makes the records of an account, with its root at hand. What is made is verified before it is handed out: an
/// IllegalArgumentException names the fault of what was asked for.
public final class AccountMaker {
  private static final Comparator<ByteString> UNSIGNED = ByteString.unsignedLexicographicalComparator();

  private final Randomness randomness;
  private final Account account;
  private final SigningKey ark;

  public AccountMaker(Account account, SigningKey ark) {
    this(Randomness.SECURE, account, ark);
  }

  AccountMaker(Randomness randomness, Account account, SigningKey ark) {
    this.randomness = randomness;
    this.account = account;
    this.ark = ark;
  }

  /// The first record.
  public MadeAccount first(AgreementKey aek, List<DeviceOffer> offers, long nowMs) {
    Draft draft = new Draft(1, Hash.NONE, AccountKind.GENESIS, 1, nowMs);
    return made(Optional.empty(), draft, aek, offered(List.of(), offers, draft), new ResetBy.Nobody());
  }

  /// Takes devices in. The user's key stays, and they get it.
  public MadeAccount add(AccountChain chain, AgreementKey aek, List<DeviceOffer> offers, long nowMs) {
    AccountStatement last = chain.last().statement();
    Draft draft = next(chain, AccountKind.DEVICE_ADDED, last.aekGen(), nowMs);
    List<Member> members = new ArrayList<>(members(chain.last()));
    members.addAll(offered(List.of(), offers, draft));
    return made(Optional.of(chain), draft, aek, members, new ResetBy.Nobody());
  }

  /// Puts devices out. The user's next key is not for them.
  public MadeAccount revoke(AccountChain chain, AgreementKey nextAek, Set<DeviceId> gone, long nowMs) {
    Draft draft = next(chain, AccountKind.DEVICE_REVOKED, chain.last().statement().aekGen() + 1, nowMs);
    return made(Optional.of(chain), draft, nextAek, without(members(chain.last()), gone), new ResetBy.Nobody());
  }

  /// Gives the same devices the user's next key.
  public MadeAccount rotate(AccountChain chain, AgreementKey nextAek, long nowMs) {
    Draft draft = next(chain, AccountKind.AEK_ROTATED, chain.last().statement().aekGen() + 1, nowMs);
    return made(Optional.of(chain), draft, nextAek, members(chain.last()), new ResetBy.Nobody());
  }

  /// Begins anew with this root in the place of another. The offers are made for it, also those of devices that stay.
  public MadeAccount reset(AccountChain chain, AgreementKey nextAek, List<DeviceOffer> offers, ResetBy by, long nowMs) {
    Draft draft = next(chain, AccountKind.IDENTITY_RESET, chain.last().statement().aekGen() + 1, nowMs);
    return made(Optional.of(chain), draft, nextAek, offered(chain.last().statement().devices(), offers, draft), by);
  }

  /// Undoes the first reset that took this root away, and all later ones: the account has its devices back, but those
  /// that are gone.
  public MadeAccount veto(AccountChain chain, AgreementKey nextAek, Set<DeviceId> gone, long nowMs) {
    AccountRecord before = chain.resets().stream().map(AccountChain.Reset::before)
        .filter(record -> record.statement().ark().equals(ark.publicKey())).findFirst()
        .orElseThrow(() -> new IllegalArgumentException(Fault.RULE_BROKEN.name()));
    Draft draft = next(chain, AccountKind.RESET_VETOED, chain.last().statement().aekGen() + 1, nowMs);
    return made(Optional.of(chain), draft, nextAek, without(members(before), gone), new ResetBy.Nobody());
  }

  /// The root for each device of an account without a backup.
  public Map<DeviceId, ByteString> rootWraps(AccountRecord record) {
    Map<DeviceId, ByteString> wraps = new HashMap<>();
    for (Device device : record.statement().devices()) {
      var what = new Wrapping.AccountWrap(account.tenant(), account.uid(), device.id(), record.hash());
      wraps.put(device.id(), Wrapping.wrap(randomness, ark, device.dek(), what));
    }
    return wraps;
  }

  /// What is decided before the devices are.
  private record Draft(long seq, Hash prev, AccountKind kind, long aekGen, long nowMs) {
  }

  private record Member(Device device, Signature possession) {
  }

  private static Draft next(AccountChain chain, AccountKind kind, long aekGen, long nowMs) {
    return new Draft(chain.last().statement().seq() + 1, chain.last().hash(), kind, aekGen, nowMs);
  }

  private static List<Member> members(AccountRecord record) {
    List<Member> members = new ArrayList<>();
    for (int i = 0; i < record.pops().size(); i++) {
      members.add(new Member(record.statement().devices().get(i), record.pops().get(i)));
    }
    return members;
  }

  private static List<Member> without(List<Member> members, Set<DeviceId> gone) {
    return members.stream().filter(member -> !gone.contains(member.device().id())).toList();
  }

  /// A device that was there before keeps its entry.
  private static List<Member> offered(List<Device> before, List<DeviceOffer> offers, Draft draft) {
    return offers.stream().map(offer -> {
      Device entry = before.stream().filter(device -> device.id().equals(offer.device())).findFirst()
          .orElseGet(() -> offer.entry(draft.seq(), draft.nowMs()));
      return new Member(entry, offer.possession());
    }).toList();
  }

  private MadeAccount made(Optional<AccountChain> chain, Draft draft, AgreementKey aek, List<Member> members,
      ResetBy by) {
    List<Member> sorted = members.stream()
        .sorted(Comparator.comparing(member -> member.device().id().bytes(), UNSIGNED)).toList();
    AccountStatement statement = new AccountStatement(account.tenant(), account.uid(), draft.seq(), draft.prev(),
        draft.kind(), ark.publicKey(), draft.aekGen(), aek.publicKey(), sorted.stream().map(Member::device).toList(),
        draft.nowMs());
    ByteString tbs = statement.tbs();
    AccountRecord record = new AccountRecord(statement, ark.sign(randomness, "account", tbs), continuity(by, tbs),
        sorted.stream().map(Member::possession).toList());
    Reading<AccountChain> verified = chain.map(before -> before.next(record))
        .orElseGet(() -> AccountChain.from(record));
    return switch (verified) {
      case Reading.Read<AccountChain>(AccountChain extended) -> new MadeAccount(extended, wraps(record, aek));
      case Reading.Unreadable<AccountChain>(Fault fault) -> throw new IllegalArgumentException(fault.name());
    };
  }

  private Continuity continuity(ResetBy by, ByteString tbs) {
    return switch (by) {
      case ResetBy.Nobody _ -> new Continuity.None();
      case ResetBy.Root(SigningKey before) -> new Continuity.ByRoot(before.sign(randomness, "account-cont", tbs));
      case ResetBy.Device(DeviceKeys keys) ->
        new Continuity.ByDevice(keys.device(), keys.signing().sign(randomness, "account-cont", tbs));
    };
  }

  private Map<DeviceId, ByteString> wraps(AccountRecord record, AgreementKey aek) {
    Map<DeviceId, ByteString> wraps = new HashMap<>();
    AccountStatement statement = record.statement();
    for (Device device : statement.devices()) {
      var what = new Wrapping.DeviceWrap(account.tenant(), account.uid(), device.id(), statement.aekGen(),
          record.hash());
      wraps.put(device.id(), Wrapping.wrap(randomness, aek, device.dek(), what));
    }
    return wraps;
  }
}
