// SPDX-License-Identifier: Apache-2.0
package io.e2relay.loadtest.keys;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.id.ConversationId;
import io.e2relay.protocol.id.Epoch;
import io.e2relay.protocol.record.AddPolicy;
import io.e2relay.protocol.record.ConversationType;
import io.e2relay.protocol.record.EpochReason;
import io.e2relay.protocol.record.EpochRecord;
import io.e2relay.protocol.record.EpochStatement;
import io.e2relay.protocol.record.Genesis;
import io.e2relay.protocol.record.GenesisStatement;
import io.e2relay.protocol.record.Hash;
import io.e2relay.protocol.record.HistoryPolicy;
import io.e2relay.protocol.record.Policy;
import io.e2relay.protocol.record.RewrapPolicy;
import io.e2relay.protocol.record.RosterEntry;
import io.e2relay.protocol.wire.ClientFrame;
import io.e2relay.protocol.wire.CreateConversation;
import io.e2relay.protocol.wire.PutEpoch;
import io.e2relay.protocol.wire.TrustLevel;
import java.security.SecureRandom;
import java.util.Comparator;
import java.util.List;

/// An encrypted conversation, whose creator makes its epochs long before they are put.
///
/// Nobody reads here, so the keys are made once and for all epochs: the service cannot tell.
final class Room {
  private static final Policy POLICY = new Policy(HistoryPolicy.FROM_JOIN, AddPolicy.ANY_MEMBER, RewrapPolicy.CONFIRM);
  private static final ConversationId NO_PREDECESSOR = GenesisStatement.NO_PREDECESSOR;
  private static final int REQUEST_ID_BYTES = 16;
  private static final SecureRandom RANDOM = new SecureRandom();

  private final Person creator;
  private final WrapStock stock;
  private final Genesis genesis;
  private EpochRecord last;

  /// A request, and what the service verifies of it.
  record Step(ClientFrame.Builder request, Verification verification) {
  }

  Room(Person creator, WrapStock stock, List<RosterEntry> roster) {
    this.creator = creator;
    this.stock = stock;
    GenesisStatement statement = new GenesisStatement(creator.record().statement().tenant(), ConversationType.GROUP,
        creator.signer(), creator.record().hash(), random(GenesisStatement.NONCE_BYTES), NO_PREDECESSOR, POLICY, 0,
        System.currentTimeMillis());
    this.genesis = new Genesis(statement, creator.phone().signing().sign("genesis", statement.tbs()));
    this.last = record(Epoch.FIRST, statement.hash(), EpochReason.CREATED, roster);
  }

  ClientFrame.Builder create() {
    return ClientFrame.newBuilder()
        .setCreateConversation(CreateConversation.newBuilder().setRequestId(random(REQUEST_ID_BYTES))
            .setLevel(TrustLevel.TRUST_LEVEL_E2EE).setGenesis(genesis.bytes()).setRecord(last.bytes())
            .addAllWraps(stock.wrapsFor(last.statement().roster())));
  }

  /// Into the epoch behind the last one that was made.
  Step next(EpochReason reason, List<RosterEntry> roster) {
    last = record(last.statement().epoch().next(), last.hash(), reason, roster);
    PutEpoch put = PutEpoch.newBuilder().setConversationId(last.statement().conversation().bytes())
        .setRecord(last.bytes()).addAllWraps(stock.wrapsFor(last.statement().roster())).build();
    return new Step(ClientFrame.newBuilder().setPutEpoch(put),
        new Verification(creator.phone().signing().publicKey(), "epoch", last.statement().tbs(), last.signature()));
  }

  private EpochRecord record(Epoch epoch, Hash prev, EpochReason reason, List<RosterEntry> roster) {
    Comparator<RosterEntry> order = Comparator.comparing(entry -> entry.uid().bytes(),
        ByteString.unsignedLexicographicalComparator());
    EpochStatement statement = new EpochStatement(genesis.statement().conversation(), epoch, prev, reason,
        creator.signer(), new Hash(random(Hash.BYTES)), ByteString.EMPTY, roster.stream().sorted(order).toList(),
        System.currentTimeMillis());
    return new EpochRecord(statement, creator.phone().signing().sign("epoch", statement.tbs()));
  }

  private static ByteString random(int size) {
    byte[] bytes = new byte[size];
    RANDOM.nextBytes(bytes);
    return ByteString.copyFrom(bytes);
  }
}
