// SPDX-License-Identifier: Apache-2.0
package io.e2relay.protocol.record;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.id.Uid;
import java.util.function.Supplier;

/// A member in an epoch, and the account key to which the epoch's key is wrapped for it.
public record RosterEntry(Uid uid, RosterRole role, RosterState state, AccountKey account) {
  static final Ascent<RosterEntry> BY_UID = new Ascent<>(entry -> entry.uid().bytes());
  static final int BYTES = 62;
  private static final RosterRole[] ROLES = RosterRole.values();
  private static final RosterState[] STATES = RosterState.values();

  public RosterEntry {
    RecordWriter.require(consistent(state, account), Fault.CONTRADICTION);
  }

  public boolean active() {
    return state == RosterState.ACTIVE;
  }

  /// In the order that a roster is in.
  public boolean isBefore(RosterEntry other) {
    return !equals(other) && BY_UID.above(this, other);
  }

  static Supplier<RosterEntry> read(RecordReader in) {
    ByteString uid = in.fixed(Uid.BYTES);
    RosterRole role = in.oneOf(ROLES);
    RosterState state = in.oneOf(STATES);
    Supplier<AccountKey> account = AccountKey.read(in, 0);
    in.require(in.faulty() || consistent(state, account.get()), Fault.CONTRADICTION);
    return () -> new RosterEntry(new Uid(uid), role, state, account.get());
  }

  void write(RecordWriter out) {
    account.write(out.bytes(uid.bytes()).oneOf(role).oneOf(state));
  }

  private static boolean consistent(RosterState state, AccountKey account) {
    return account.whole() && (state == RosterState.PENDING || !account.equals(AccountKey.NONE));
  }
}
