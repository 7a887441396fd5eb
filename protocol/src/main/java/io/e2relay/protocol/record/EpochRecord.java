// SPDX-License-Identifier: Apache-2.0
package io.e2relay.protocol.record;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.id.Uid;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// A link of a conversation's chain of rosters and keys.
///
/// It keeps the bytes that are signed, and their hash: with a thousand members to make them anew takes as long as to
/// verify the signature, and there is only one way to write them.
public final class EpochRecord {
  /// With a link to the epoch before and a roster of 1,000.
  public static final int BYTES_MAX = 62_332;
  /// The wrap of an epoch's key for one member.
  public static final int WRAP_BYTES = 113;

  private final EpochStatement statement;
  private final Signature signature;
  private final ByteString tbs;
  // The same whoever sets it.
  private @Nullable Hash hash;

  public EpochRecord(EpochStatement statement, Signature signature) {
    this(statement, signature, statement.tbs());
  }

  private EpochRecord(EpochStatement statement, Signature signature, ByteString tbs) {
    this.statement = statement;
    this.signature = signature;
    this.tbs = tbs;
  }

  public static Reading<EpochRecord> read(ByteString bytes) {
    return read(bytes, RosterEntry::read);
  }

  /// Beside one that has been read and whose roster is likely the same for the most part: entries that have the same
  /// bytes are the same objects in both.
  public static Reading<EpochRecord> readBeside(EpochRecord similar, ByteString bytes) {
    return read(bytes, similar.new Entries()::read);
  }

  private static Reading<EpochRecord> read(ByteString bytes, Function<RecordReader, Supplier<RosterEntry>> entry) {
    RecordReader in = new RecordReader(bytes);
    Supplier<EpochStatement> statement = EpochStatement.read(in, entry);
    ByteString tbs = in.before();
    Signature signature = in.signature();
    return in.end(() -> new EpochRecord(statement.get(), signature, tbs));
  }

  public EpochStatement statement() {
    return statement;
  }

  public Signature signature() {
    return signature;
  }

  /// Exactly the bytes that are signed.
  public ByteString tbs() {
    return tbs;
  }

  public ByteString bytes() {
    return tbs.concat(signature.bytes());
  }

  public Hash hash() {
    Hash known = hash;
    if (known == null) {
      known = EpochStatement.hash(tbs);
      hash = known;
    }
    return known;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof EpochRecord that && tbs.equals(that.tbs) && signature.equals(that.signature);
  }

  @Override
  public int hashCode() {
    return tbs.hashCode();
  }

  @Override
  public String toString() {
    return "EpochRecord[" + statement + "]";
  }

  /// The entries of this record, for whoever reads one that has most of them too.
  private final class Entries {
    private final int first = tbs.size() - Long.BYTES - statement.roster().size() * RosterEntry.BYTES;
    private int next;

    Supplier<RosterEntry> read(RecordReader in) {
      ByteString uid = in.ahead(Uid.BYTES);
      while (next < statement.roster().size() && RosterEntry.BY_UID.isBelow(statement.roster().get(next), uid)) {
        next++;
      }
      if (next < statement.roster().size() && in.passed(tbs, first + next * RosterEntry.BYTES, RosterEntry.BYTES)) {
        RosterEntry same = statement.roster().get(next++);
        return () -> same;
      }
      return RosterEntry.read(in);
    }
  }
}
