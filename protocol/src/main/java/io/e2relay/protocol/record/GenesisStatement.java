// SPDX-License-Identifier: Apache-2.0
package io.e2relay.protocol.record;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.id.ConversationId;
import io.e2relay.protocol.id.TenantId;
import java.util.function.Supplier;

/// What a conversation is for good, as it is signed. A predecessor of zeros is none.
public record GenesisStatement(TenantId tenant, ConversationType type, Signer creator, Hash accountHash,
    ByteString nonce, ConversationId predecessor, Policy policy, long initialTtlS, long createdMs) {
  public static final int NONCE_BYTES = 32;
  public static final ConversationId NO_PREDECESSOR = new ConversationId(Hash.NONE.bytes());
  private static final int SIZE = 171;

  public GenesisStatement {
    RecordWriter.requireLength(nonce, NONCE_BYTES);
    RecordWriter.requireU32(initialTtlS, 0);
    RecordWriter.requireU64(createdMs, 0);
  }

  static Supplier<GenesisStatement> read(RecordReader in) {
    in.version();
    in.suite();
    ByteString tenant = in.fixed(TenantId.BYTES);
    ConversationType type = in.oneOf(ConversationType.values());
    Supplier<Signer> creator = Signer.read(in);
    Hash accountHash = in.hash();
    ByteString nonce = in.fixed(NONCE_BYTES);
    ByteString predecessor = in.fixed(ConversationId.BYTES);
    HistoryPolicy history = in.oneOf(HistoryPolicy.values());
    AddPolicy add = in.oneOf(AddPolicy.values());
    RewrapPolicy rewrap = in.oneOf(RewrapPolicy.values());
    long initialTtlS = in.u32(0);
    long createdMs = in.u64(0);
    return () -> new GenesisStatement(new TenantId(tenant), type, creator.get(), accountHash, nonce,
        new ConversationId(predecessor), new Policy(history, add, rewrap), initialTtlS, createdMs);
  }

  /// Exactly the bytes that are signed.
  public ByteString tbs() {
    RecordWriter out = new RecordWriter(SIZE).version().suite().bytes(tenant.bytes()).oneOf(type);
    creator.write(out);
    return out.bytes(accountHash.bytes()).bytes(nonce).bytes(predecessor.bytes()).oneOf(policy.history())
        .oneOf(policy.add()).oneOf(policy.rewrap()).u32(initialTtlS).u64(createdMs).written();
  }

  public ConversationId conversation() {
    return new ConversationId(Hash.labelled(Labels.CONVERSATION_ID, tbs()).bytes());
  }

  /// The `prev_hash` of epoch 1.
  public Hash hash() {
    return Hash.labelled(Labels.GENESIS, tbs());
  }
}
