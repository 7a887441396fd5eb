// SPDX-License-Identifier: Apache-2.0
package io.e2relay.protocol.record;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.id.ConversationId;
import io.e2relay.protocol.id.Epoch;
import io.e2relay.protocol.id.Uid;
import java.util.function.Supplier;

/// To whom an epoch's key is given outside the epoch's record, as it is signed.
public record GrantStatement(ConversationId conversation, Epoch epoch, Hash epochHash, Uid grantee, AccountKey account,
    GrantKind kind, Signer granter, long createdMs) {
  private static final int SIZE = 178;

  public GrantStatement {
    RecordWriter.requireU32(epoch.value(), 1);
    RecordWriter.requireU64(account.accountSeq(), 1);
    RecordWriter.requireU32(account.aekGen(), 1);
    RecordWriter.requireU64(createdMs, 0);
  }

  static Supplier<GrantStatement> read(RecordReader in) {
    in.version();
    ByteString conversation = in.fixed(ConversationId.BYTES);
    Epoch epoch = new Epoch(in.u32(1));
    Hash epochHash = in.hash();
    ByteString grantee = in.fixed(Uid.BYTES);
    Supplier<AccountKey> account = AccountKey.read(in, 1);
    GrantKind kind = in.oneOf(GrantKind.values());
    Supplier<Signer> granter = Signer.read(in);
    long createdMs = in.u64(0);
    return () -> new GrantStatement(new ConversationId(conversation), epoch, epochHash, new Uid(grantee), account.get(),
        kind, granter.get(), createdMs);
  }

  /// Exactly the bytes that are signed.
  public ByteString tbs() {
    RecordWriter out = new RecordWriter(SIZE).version().bytes(conversation.bytes()).u32(epoch.value())
        .bytes(epochHash.bytes()).bytes(grantee.bytes());
    account.write(out);
    granter.write(out.oneOf(kind));
    return out.u64(createdMs).written();
  }

  /// The `grant_hash`, to which the wrap is bound.
  public Hash hash() {
    return Hash.labelled(Labels.GRANT, tbs());
  }
}
