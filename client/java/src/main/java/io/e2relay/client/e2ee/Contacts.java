// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.e2ee;

import io.e2relay.client.crypto.PinnedAccount;
import io.e2relay.client.crypto.SafetyNumber;
import io.e2relay.protocol.frame.Limits;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.record.AccountKey;
import io.e2relay.protocol.record.AccountRecord;
import io.e2relay.protocol.record.Fault;
import io.e2relay.protocol.record.Hash;
import io.e2relay.protocol.record.Reading;
import io.e2relay.protocol.record.RewrapPolicy;
import io.e2relay.protocol.record.RosterEntry;
import io.e2relay.protocol.verify.AccountChain;
import io.e2relay.protocol.verify.Accounts;
import io.e2relay.protocol.wire.Account;
import io.e2relay.protocol.wire.AccountQuery;
import io.e2relay.protocol.wire.ClientFrame;
import io.e2relay.protocol.wire.GetAccounts;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/// Who the others are: their accounts as far as this device has verified them. What was once seen is never given up for
/// something older or something else; that raises an alarm, and stays out.
public final class Contacts implements Accounts {
  private final Own own;
  private final Vault vault;
  private final AlarmBell alarms;
  private final ShownIds ids;
  private final Map<Uid, Contact> known = new ConcurrentHashMap<>();
  // Held while the service is asked, so that two lookers do not take each other's news for a fork.
  private final ReentrantLock looking = new ReentrantLock();
  private volatile Runnable onConfirmed = () -> {
  };

  Contacts(Own own, Vault vault, AlarmBell alarms) {
    this.own = own;
    this.vault = vault;
    this.alarms = alarms;
    this.ids = new ShownIds(alarms);
  }

  @Override
  public Optional<AccountRecord> record(Uid uid, long seq) {
    return uid.equals(own.uid())
        ? own.records().stream().filter(record -> record.statement().seq() == seq).findFirst()
        : contact(uid).flatMap(contact -> contact.record(seq));
  }

  @Override
  public Optional<AccountRecord> newest(Uid uid) {
    return uid.equals(own.uid()) ? Optional.of(own.newest()) : contact(uid).map(Contact::newest);
  }

  /// Called when people have said that somebody's keys are theirs.
  void onConfirmed(Runnable handler) {
    onConfirmed = handler;
  }

  /// What to compare with this contact, by phone or by a scan, to know that nobody stands between.
  public SafetyNumber safetyNumber(Uid uid) {
    return SafetyNumber.of(person(own.newest()), person(required(uid).newest()));
  }

  /// The safety number was compared and is the same.
  public void verify(Uid uid) {
    change(uid, Contact::compared);
    own.verify(uid, required(uid).newest().statement().ark());
    confirmed(uid);
  }

  /// The new keys of this contact are theirs, as far as the user knows: conversations go on with them.
  public void accept(Uid uid) {
    change(uid, Contact::asAccepted);
    confirmed(uid);
  }

  private void confirmed(Uid uid) {
    alarms.raised().stream().filter(alarm -> alarm instanceof Alarm.ConfirmationNeeded(_, Uid who) && who.equals(uid))
        .forEach(alarms::forget);
    onConfirmed.run();
  }

  /// Whether it was compared, on this device or on another of the user's.
  public boolean isVerified(Uid uid) {
    return contact(uid).filter(contact -> contact.pinned().verified() || isMarked(contact)).isPresent();
  }

  private boolean isMarked(Contact contact) {
    return own.isVerified(contact.newest().statement().uid(), contact.newest().statement().ark());
  }

  /// Whether people have to say something before this contact gets keys: it was reset since that record, and that is
  /// the conversation's policy, or it had been verified.
  boolean mustConfirm(Uid uid, AccountKey since, RewrapPolicy policy) {
    // What is known of a contact may change at any moment: one look at it decides.
    return contact(uid).filter(contact -> !isConfirmed(contact))
        .flatMap(contact -> contact.record(since.accountSeq()).map(Contact::root)
            .filter(then -> !then.equals(contact.root()))
            .map(_ -> policy == RewrapPolicy.CONFIRM || contact.lostVerification() || wasMarked(contact, since)))
        .orElse(false);
  }

  /// Those of a roster who read what is sent, but had been verified, have other keys now, and people have not said
  /// that they are still them.
  List<Uid> unconfirmed(List<RosterEntry> active) {
    List<RosterEntry> concerned = active.stream().filter(entry -> contact(entry.uid())
        .filter(one -> one.lostVerification() || one.pinned().verified() || isMarked(one)).isPresent()).toList();
    know(concerned.stream().collect(Collectors.toMap(RosterEntry::uid, entry -> entry.account().accountSeq())));
    return concerned.stream()
        .filter(entry -> contact(entry.uid()).filter(contact -> isUnconfirmed(contact, entry.account())).isPresent())
        .map(RosterEntry::uid).toList();
  }

  private boolean isUnconfirmed(Contact contact, AccountKey account) {
    Optional<Hash> named = contact.record(account.accountSeq()).map(Contact::root);
    return named.isEmpty()
        || (contact.lostVerification() && !isConfirmed(contact) && named.get().equals(contact.root()));
  }

  private boolean isConfirmed(Contact contact) {
    return contact.accepted().equals(contact.root()) || isMarked(contact);
  }

  /// Whether any device of the user's had compared the account as it was then.
  private boolean wasMarked(Contact contact, AccountKey since) {
    return contact.record(since.accountSeq()).map(AccountRecord::statement)
        .filter(then -> own.isVerified(then.uid(), then.ark())).isPresent();
  }

  /// Whether the account has another root now than in that record.
  boolean isReset(Uid uid, AccountKey since) {
    Optional<AccountRecord> now = newest(uid);
    return record(uid, since.accountSeq()).map(then -> !now.map(Contact::root).equals(Optional.of(Contact.root(then))))
        .orElse(false);
  }

  /// Looks at these accounts as far as they are not known up to those records.
  void know(Map<Uid, Long> needed) {
    look(needed.entrySet().stream().filter(entry -> record(entry.getKey(), entry.getValue()).isEmpty())
        .map(Map.Entry::getKey).toList());
  }

  /// Somebody's account changed; of strangers it is nothing to know.
  void changed(Uid uid, long seq) {
    if (uid.equals(own.uid()) || contact(uid).isPresent()) {
      know(Map.of(uid, seq));
    }
  }

  /// Asks for what is newer, and believes what follows from what is known.
  void look(Collection<Uid> whom) {
    if (whom.contains(own.uid())) {
      own.refresh();
    }
    List<Uid> others = whom.stream().distinct().filter(uid -> !uid.equals(own.uid())).toList();
    looking.lock();
    try {
      for (int from = 0; from < others.size(); from += Limits.ACCOUNTS_PER_REQUEST_MAX) {
        lookAt(others.subList(from, Math.min(others.size(), from + Limits.ACCOUNTS_PER_REQUEST_MAX)));
      }
    } finally {
      looking.unlock();
    }
  }

  private void lookAt(List<Uid> some) {
    Set<Uid> left = new HashSet<>(some);
    while (!left.isEmpty()) {
      GetAccounts.Builder request = GetAccounts.newBuilder();
      left.forEach(
          uid -> request.addAccounts(AccountQuery.newBuilder().setUid(uid.bytes()).setAfterSeq(askAfter(uid))));
      var answer = own.ask(ClientFrame.newBuilder().setGetAccounts(request)).getAccounts();
      Set<Uid> done = new HashSet<>();
      boolean progress = false;
      for (Account shown : answer.getAccountsList()) {
        Optional<Uid> named = ids.uid(shown.getUid());
        long before = named.map(this::seq).orElse(0L);
        named.filter(left::contains).filter(uid -> !take(uid, shown) || seq(uid) >= shown.getLastSeq())
            .ifPresent(done::add);
        progress |= named.filter(uid -> seq(uid) > before).isPresent();
      }
      left.removeAll(done);
      if (!answer.getMore() || (done.isEmpty() && !progress)) {
        left.stream().filter(uid -> seq(uid) > 0)
            .forEach(uid -> alarms.raise(new Alarm.AccountRolledBack(uid, seq(uid), 0)));
        return;
      }
    }
  }

  /// The pinned record once more, so that another one in its place shows itself.
  private long askAfter(Uid uid) {
    return Math.max(0, seq(uid) - 1);
  }

  private long seq(Uid uid) {
    return contact(uid).map(contact -> contact.newest().statement().seq()).orElse(0L);
  }

  /// Whether it was believed.
  private boolean take(Uid uid, Account shown) {
    List<AccountRecord> records = new ArrayList<>();
    for (var bytes : shown.getRecordsList()) {
      switch (AccountRecord.read(bytes)) {
        case Reading.Read<AccountRecord>(AccountRecord record) -> records.add(record);
        case Reading.Unreadable<AccountRecord>(Fault fault) -> {
          return refuse(uid, fault);
        }
      }
    }
    Optional<Contact> before = contact(uid);
    if (shown.getLastSeq() < seq(uid)) {
      alarms.raise(new Alarm.AccountRolledBack(uid, seq(uid), shown.getLastSeq()));
      return false;
    }
    return before.map(contact -> meet(uid, contact, records)).orElseGet(() -> meet(uid, records));
  }

  private boolean meet(Uid uid, List<AccountRecord> records) {
    if (records.isEmpty() || !records.getFirst().statement().uid().equals(uid)
        || !records.getFirst().statement().tenant().equals(own.tenant())) {
      return refuse(uid, Fault.WRONG_CONTEXT);
    }
    Reading<AccountChain> chain = AccountChain.from(records.getFirst());
    for (AccountRecord record : records) {
      chain = switch (chain) {
        case Reading.Read<AccountChain>(AccountChain longer) -> longer.next(record);
        case Reading.Unreadable<AccountChain> unreadable -> unreadable;
      };
    }
    return switch (chain) {
      case Reading.Read<AccountChain>(AccountChain verified) -> {
        keep(uid, Contact.first(verified, records), 0);
        yield true;
      }
      case Reading.Unreadable<AccountChain>(Fault fault) -> refuse(uid, fault);
    };
  }

  private boolean meet(Uid uid, Contact contact, List<AccountRecord> records) {
    return switch (contact.pinned().meet(records)) {
      case PinnedAccount.News.Changed(PinnedAccount account, List<AccountRecord> fresh, boolean rootChanged) -> {
        Contact before = isMarked(contact) ? contact.compared() : contact;
        keep(uid, before.with(account, fresh), contact.records().size());
        if (rootChanged) {
          Alarm alarm = new Alarm.SecurityCodeChanged(uid, before.pinned().verified());
          // Each time anew, although an earlier change may have looked the same.
          alarms.forget(alarm);
          alarms.raise(alarm);
        }
        yield true;
      }
      case PinnedAccount.News.Refused(Fault fault) -> refuse(uid, fault);
      case PinnedAccount.News.Forked(AccountRecord pinned, AccountRecord shown) -> {
        vault.write(Map.of("fork/" + Packed.name(uid.bytes()), Optional.of(Packed.of(pinned.bytes(), shown.bytes()))));
        alarms.raise(new Alarm.AccountForked(uid, pinned, shown));
        yield false;
      }
    };
  }

  private boolean refuse(Uid uid, Fault fault) {
    alarms.raise(new Alarm.AccountRefused(uid, fault));
    return false;
  }

  private void change(Uid uid, UnaryOperator<Contact> change) {
    looking.lock();
    try {
      Contact contact = required(uid);
      keep(uid, change.apply(contact), contact.records().size());
    } finally {
      looking.unlock();
    }
  }

  private Contact required(Uid uid) {
    if (contact(uid).isEmpty()) {
      look(List.of(uid));
    }
    return contact(uid).orElseThrow(() -> new IllegalStateException("no account of theirs is known"));
  }

  /// First written, then used: what counts is what is still known tomorrow.
  private void keep(Uid uid, Contact contact, int known) {
    vault.write(contact.changes(known));
    this.known.put(uid, contact);
  }

  private Optional<Contact> contact(Uid uid) {
    Contact cached = known.get(uid);
    if (cached != null) {
      return Optional.of(cached);
    }
    Optional<Contact> read = Contact.read(vault, uid);
    read.ifPresent(contact -> known.putIfAbsent(uid, contact));
    return read;
  }

  private static SafetyNumber.Person person(AccountRecord record) {
    return new SafetyNumber.Person(record.statement().uid(), record.statement().ark());
  }
}
