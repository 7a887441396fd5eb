// SPDX-License-Identifier: Apache-2.0
package io.e2relay.protocol.record;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.id.ConversationId;
import io.e2relay.protocol.id.Epoch;
import io.e2relay.protocol.id.Uid;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

/// Who is in a conversation from an epoch on, and to which key its rotator committed, as it is signed.
public record EpochStatement(ConversationId conversation, Epoch epoch, Hash prev, EpochReason reason, Signer rotator,
    Hash keyCommitment, ByteString histLink, List<RosterEntry> roster, long createdMs) {
  public static final int ROSTER_MAX = 1000;
  public static final int HIST_LINK_BYTES = 112;
  private static final int SIZE_HINT = 192;

  public EpochStatement {
    roster = List.copyOf(roster);
    RecordWriter.requireU32(epoch.value(), 1);
    RecordWriter.require(isHistLink(histLink.size()), Fault.WRONG_LENGTH);
    RecordWriter.require(!roster.isEmpty() && roster.size() <= ROSTER_MAX, Fault.OUT_OF_RANGE);
    RecordWriter.require(RosterEntry.BY_UID.holds(roster), Fault.UNSORTED);
    RecordWriter.requireU64(createdMs, 0);
    RecordWriter.require(consistent(epoch, reason, histLink), Fault.CONTRADICTION);
  }

  /// @param entry how an entry of the roster is read
  static Supplier<EpochStatement> read(RecordReader in, Function<RecordReader, Supplier<RosterEntry>> entry) {
    in.version();
    in.suite();
    ByteString conversation = in.fixed(ConversationId.BYTES);
    Epoch epoch = new Epoch(in.u32(1));
    Hash prev = in.hash();
    EpochReason reason = in.oneOf(EpochReason.values());
    Supplier<Signer> rotator = Signer.read(in);
    Hash keyCommitment = in.hash();
    int length = in.length16();
    in.require(isHistLink(length), Fault.WRONG_LENGTH);
    ByteString histLink = in.fixed(in.faulty() ? 0 : length);
    List<RosterEntry> roster = in.ascending(in.count16(1, ROSTER_MAX), entry, RosterEntry.BY_UID);
    long createdMs = in.u64(0);
    in.require(in.faulty() || consistent(epoch, reason, histLink), Fault.CONTRADICTION);
    return () -> new EpochStatement(new ConversationId(conversation), epoch, prev, reason, rotator.get(), keyCommitment,
        histLink, roster, createdMs);
  }

  private static boolean isHistLink(int length) {
    return length == 0 || length == HIST_LINK_BYTES;
  }

  private static boolean consistent(Epoch epoch, EpochReason reason, ByteString histLink) {
    boolean first = epoch.equals(Epoch.FIRST);
    return (reason == EpochReason.CREATED) == first
        && (histLink.isEmpty() || (!first && reason != EpochReason.RESTARTED));
  }

  /// Exactly the bytes that are signed.
  public ByteString tbs() {
    RecordWriter out = new RecordWriter(SIZE_HINT + histLink.size() + roster.size() * RosterEntry.BYTES).version()
        .suite().bytes(conversation.bytes()).u32(epoch.value()).bytes(prev.bytes()).oneOf(reason);
    rotator.write(out);
    out.bytes(keyCommitment.bytes()).u16(histLink.size()).bytes(histLink).u16(roster.size());
    roster.forEach(entry -> entry.write(out));
    return out.u64(createdMs).written();
  }

  /// The `epoch_hash`, which names the epoch in everything that is sealed in it.
  public Hash hash() {
    return hash(tbs());
  }

  static Hash hash(ByteString tbs) {
    return Hash.labelled(Labels.EPOCH, tbs);
  }

  public Optional<RosterEntry> entry(Uid uid) {
    int at = RosterEntry.BY_UID.search(roster, uid.bytes());
    return at < 0 ? Optional.empty() : Optional.of(roster.get(at));
  }
}
