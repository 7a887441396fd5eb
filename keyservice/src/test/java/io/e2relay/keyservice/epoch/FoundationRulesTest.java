// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.epoch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;

import com.google.protobuf.ByteString;
import io.e2relay.keyservice.account.Owner;
import io.e2relay.keyservice.membership.Change;
import io.e2relay.protocol.error.ErrorCode;
import io.e2relay.protocol.id.ConversationId;
import io.e2relay.protocol.id.DeviceId;
import io.e2relay.protocol.id.TenantId;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.record.Fault;
import io.e2relay.protocol.record.Genesis;
import io.e2relay.protocol.record.GenesisStatement;
import io.e2relay.protocol.record.RosterEntry;
import io.e2relay.protocol.record.RosterRole;
import io.e2relay.protocol.record.RosterState;
import io.e2relay.protocol.wire.ChangeKind;
import io.e2relay.protocol.wire.History;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Every refusal of a beginning, beside one that is taken.
final class FoundationRulesTest {
  private static final Town TOWN = new Town();
  private static final Holder ANNE = TOWN.holder();
  private static final Holder BOB = TOWN.holder();
  private static final Holder BARRED = TOWN.barred();
  private static final FoundationRules RULES = new FoundationRules(3);

  record Row(String name, Foundation wrong, Objection why) {
    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Row> unfit() {
    Foundation good = group().foundation();
    Author by = ANNE.author();
    Draft without = Draft.of(Draft.Terms.GROUP, ANNE).admin(BOB).without(ANNE.uid());
    Draft waiting = Draft.of(Draft.Terms.GROUP, ANNE).admin(BOB)
        .with(new RosterEntry(ANNE.uid(), RosterRole.ADMIN, RosterState.PENDING, ANNE.key()));
    Draft after = Draft.of(Draft.Terms.GROUP.after(new ConversationId(Owner.random(32))), ANNE);
    return Stream.of(row("of another tenant",
        good(new Author(new TenantId(Owner.random(16)), by.uid(), by.device()), good), Fault.WRONG_CONTEXT),
        row("by another user", good(BOB.author(), good), Fault.WRONG_CONTEXT),
        row("by another device", good(new Author(by.tenant(), by.uid(), new DeviceId(Owner.random(16))), good),
            Fault.WRONG_CONTEXT),
        row("the first record signed by another", new Foundation(by, good.genesis(), Draft.group(BOB).sealed()),
            Fault.WRONG_CONTEXT),
        row("the first record of another", new Foundation(by, good.genesis(), Draft.group(ANNE).sealed()),
            Fault.WRONG_CONTEXT),
        row("with a predecessor", after.foundation(), Fault.WRONG_CONTEXT),
        row("without its creator", without.foundation(), Fault.RULE_BROKEN),
        row("with a creator who waits", waiting.foundation(), Fault.RULE_BROKEN),
        row("for two with one", Draft.of(Draft.Terms.DIRECT, ANNE).foundation(), Fault.RULE_BROKEN),
        row("for two with three", Draft.direct(ANNE, BOB).pending(nobody()).foundation(), Fault.RULE_BROKEN),
        row("a wrap too few", new Foundation(by, good.genesis(), new Sealed(good.first().record(), List.of())),
            Fault.WRONG_LENGTH));
  }

  @ParameterizedTest
  @MethodSource("unfit")
  void is_unfit(Row row) {
    assertEquals(row.why(), FoundationRules.unfit(row.wrong(), GenesisStatement.NO_PREDECESSOR));
    assertNull(FoundationRules.unfit(group().foundation(), GenesisStatement.NO_PREDECESSOR));
    assertNull(FoundationRules.unfit(Draft.direct(ANNE, BOB).foundation(), GenesisStatement.NO_PREDECESSOR));
  }

  static Stream<Row> refusals() {
    Draft forged = group();
    Foundation badGenesis = new Foundation(ANNE.author(),
        new Genesis(forged.genesis.statement(), BOB.sign("genesis", forged.genesis.statement().tbs())),
        forged.sealed());
    Draft badRecord = group();
    badRecord.forger = BOB;
    Draft loose = group();
    loose.prev = Draft.group(ANNE).genesis.statement().hash();
    Holder strange = new Holder(Town.TENANT, nobody(), Town.NOW);
    return Stream.of(row("a genesis signed by another", badGenesis, Fault.BAD_SIGNATURE),
        row("a record signed by another", badRecord.foundation(), Fault.BAD_SIGNATURE),
        row("a record behind another genesis", loose.foundation(), Fault.BROKEN_CHAIN),
        row("by somebody without an account", Draft.group(strange).foundation(), ErrorCode.STALE_KEYS, strange.uid()),
        row("too many", group().pending(nobody()).pending(nobody()).foundation(), ErrorCode.LIMIT_EXCEEDED),
        row("with somebody who has no account", group().member(strange).foundation(), ErrorCode.STALE_KEYS,
            strange.uid()),
        row("with somebody of another tenant", group().member(BARRED).foundation(), ErrorCode.NOT_ALLOWED),
        row("without an admin", Draft.group(ANNE, BOB).member(ANNE).foundation(), ErrorCode.LAST_ADMIN));
  }

  @ParameterizedTest
  @MethodSource("refusals")
  void is_refused(Row row) {
    assertEquals(new EpochRuling.Refused(row.why()), RULES.decide(row.wrong(), TOWN.holders()));
    assertInstanceOf(EpochRuling.Open.class, RULES.decide(group().foundation(), TOWN.holders()));
  }

  @Test
  void the_conversation_is_what_the_genesis_says() {
    Uid waiting = nobody();
    Draft draft = Draft.of(Draft.Terms.GROUP.fromJoin(), ANNE).member(BOB).pending(waiting);
    EpochRuling.Open open = assertInstanceOf(EpochRuling.Open.class, RULES.decide(draft.foundation(), TOWN.holders()));
    assertEquals(History.HISTORY_FROM_JOIN, open.after().history());
    assertEquals(draft.id(), open.after().id());
    assertEquals(ByteString.EMPTY, open.after().linkSecret());
    assertEquals(new Change(ChangeKind.CHANGE_KIND_CREATED, ANNE.uid(), ANNE.uid()), open.changes().getFirst());
    assertEquals(3, open.changes().size());
    EpochRuling.Open pair = assertInstanceOf(EpochRuling.Open.class,
        RULES.decide(Draft.direct(ANNE, BOB).member(ANNE).member(BOB).foundation(), TOWN.holders()));
    assertEquals(History.HISTORY_FULL, pair.after().history());
  }

  private static Draft group() {
    return Draft.group(ANNE, BOB);
  }

  private static Uid nobody() {
    return EpochsContract.nobody();
  }

  private static Foundation good(Author by, Foundation like) {
    return new Foundation(by, like.genesis(), like.first());
  }

  private static Row row(String name, Foundation wrong, Fault fault) {
    return new Row(name, wrong, Objection.of(fault));
  }

  private static Row row(String name, Foundation wrong, ErrorCode code, Uid... uids) {
    return new Row(name, wrong, Objection.of(code, List.of(uids)));
  }
}
