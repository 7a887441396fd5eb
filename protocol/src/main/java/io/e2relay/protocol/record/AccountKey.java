// SPDX-License-Identifier: Apache-2.0
package io.e2relay.protocol.record;

import java.util.function.Supplier;

/// Which generation of whose key something is wrapped to, and by which AccountRecord.
public record AccountKey(long accountSeq, Hash accountHash, long aekGen) {
  /// Of a member who has no account yet.
  public static final AccountKey NONE = new AccountKey(0, Hash.NONE, 0);

  public AccountKey {
    RecordWriter.requireU64(accountSeq, 0);
    RecordWriter.requireU32(aekGen, 0);
  }

  static Supplier<AccountKey> read(RecordReader in, int min) {
    long accountSeq = in.u64(min);
    Hash accountHash = in.hash();
    long aekGen = in.u32(min);
    return () -> new AccountKey(accountSeq, accountHash, aekGen);
  }

  void write(RecordWriter out) {
    out.u64(accountSeq).bytes(accountHash.bytes()).u32(aekGen);
  }

  /// All of it or nothing of it is there.
  boolean whole() {
    return equals(NONE) || (accountSeq != 0 && !accountHash.equals(Hash.NONE) && aekGen != 0);
  }
}
