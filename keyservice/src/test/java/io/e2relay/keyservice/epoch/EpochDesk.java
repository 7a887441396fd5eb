// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.epoch;

import io.e2relay.keyservice.membership.Change;
import io.e2relay.keyservice.membership.Conversation;
import io.e2relay.protocol.id.ConversationId;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.record.AccountKey;
import io.e2relay.protocol.record.EpochRecord;
import io.e2relay.protocol.record.GenesisStatement;
import io.e2relay.protocol.verify.Accounts;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// The rules of epochs, in the order in which they are asked, for tests with tables of their own.
public final class EpochDesk {
  /// What the rules say.
  public sealed interface Answer {
    record Opened(Conversation after, List<Change> changes) implements Answer {
    }

    record Known() implements Answer {
    }

    record Refused(Objection why) implements Answer {
    }
  }

  /// Accounts as a transaction has read them.
  public record Read(Map<Uid, AccountKey> newest, Set<Uid> barred, Accounts records) {
    private Holders holders() {
      return new Holders(newest, barred, records);
    }
  }

  private final EpochRules rules;
  private final FoundationRules foundations;

  public EpochDesk(int membersMax) {
    rules = new EpochRules(membersMax);
    foundations = new FoundationRules(membersMax);
  }

  /// @param last the record of the current epoch
  public Answer put(Conversation now, EpochRecord last, EpochPut put, Read read) {
    Objection unfit = EpochRules.unfit(put);
    return unfit == null ? answer(rules.decide(now, last, read.holders(), put)) : new Answer.Refused(unfit);
  }

  public Answer found(Foundation wish, Read read) {
    Objection unfit = FoundationRules.unfit(wish, GenesisStatement.NO_PREDECESSOR);
    return unfit == null ? answer(foundations.decide(wish, read.holders())) : new Answer.Refused(unfit);
  }

  public Answer upgrade(ConversationId id, Conversation open, Foundation wish, Read read) {
    Objection unfit = FoundationRules.unfit(wish, id);
    return unfit == null ? answer(foundations.decide(open, wish, read.holders())) : new Answer.Refused(unfit);
  }

  private static Answer answer(EpochRuling ruling) {
    return switch (ruling) {
      case EpochRuling.Open(Conversation after, List<Change> changes) -> new Answer.Opened(after, changes);
      case EpochRuling.Known _ -> new Answer.Known();
      case EpochRuling.Refused(Objection why) -> new Answer.Refused(why);
    };
  }
}
