// SPDX-License-Identifier: Apache-2.0
package io.e2relay.deploy.interop;

import static io.e2relay.deploy.interop.JavaSide.NOW_MS;
import static io.e2relay.deploy.interop.JavaSide.TENANT;
import static io.e2relay.deploy.interop.JavaSide.bytes;
import static io.e2relay.deploy.interop.JavaSide.hex;
import static io.e2relay.deploy.interop.JavaSide.random;
import static java.util.Objects.requireNonNull;

import io.e2relay.client.crypto.Account;
import io.e2relay.client.crypto.AccountMaker;
import io.e2relay.client.crypto.AgreementKey;
import io.e2relay.client.crypto.DeviceKeys;
import io.e2relay.client.crypto.DeviceOffer;
import io.e2relay.client.crypto.EpochOpening;
import io.e2relay.client.crypto.MadeAccount;
import io.e2relay.client.crypto.MadeEpoch;
import io.e2relay.client.crypto.MadeGrant;
import io.e2relay.client.crypto.Opening;
import io.e2relay.client.crypto.ResetBy;
import io.e2relay.client.crypto.SigningKey;
import io.e2relay.client.crypto.SymmetricKey;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.record.AccountRecord;
import io.e2relay.protocol.record.EpochReason;
import io.e2relay.protocol.record.EpochRecord;
import io.e2relay.protocol.record.Fault;
import io.e2relay.protocol.record.Grant;
import io.e2relay.protocol.record.GrantKind;
import io.e2relay.protocol.record.Reading;
import io.e2relay.protocol.verify.AccountChain;
import io.e2relay.protocol.verify.GrantCheck;
import io.e2relay.protocol.verify.Verdict;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// Accounts, conversations and grants.
final class ChainOperations {
  private static final int CHANGES = 5;

  private ChainOperations() {
  }

  /// The records of an account with up to five changes.
  record AccountChains() implements Operation {
    @Override
    public One make(RandomGenerator random, int index) {
      Life life = new Life();
      JsonArray records = new JsonArray().add(hex(life.made.record().bytes()));
      int changes = random.nextInt(CHANGES + 1);
      for (int i = 0; i < changes; i++) {
        life.change(i, random);
        records.add(hex(life.made.record().bytes()));
      }
      return new One(new JsonObject().put("records", records), told(changes + 1, life.made.record()));
    }

    @Override
    public String open(JsonObject item) {
      Optional<AccountChain> chain = Optional.empty();
      for (Object record : item.getJsonArray("records")) {
        Reading<AccountRecord> read = AccountRecord.read(bytes((String) record));
        if (!(read instanceof Reading.Read<AccountRecord>(AccountRecord one))) {
          return ((Reading.Unreadable<AccountRecord>) read).fault().name();
        }
        Reading<AccountChain> next = chain.map(before -> before.next(one)).orElseGet(() -> AccountChain.from(one));
        if (next instanceof Reading.Unreadable<AccountChain>(Fault fault)) {
          return fault.name();
        }
        chain = Optional.of(Operation.value(next));
      }
      return told(item.getJsonArray("records").size(), chain.orElseThrow().last());
    }

    private static String told(int records, AccountRecord last) {
      return records + " " + hex(last.hash().bytes());
    }
  }

  private static final class Life {
    private final Account account = new Account(TENANT, new Uid(random(16)));
    private final SigningKey ark = SigningKey.generate();
    private final DeviceKeys first = DeviceKeys.generate();
    private final DeviceKeys second = DeviceKeys.generate();
    private final AgreementKey aek = AgreementKey.generate();
    private final AccountMaker maker = new AccountMaker(account, ark);
    private MadeAccount made = maker.first(aek, List.of(DeviceOffer.of(account, ark.publicKey(), first)), NOW_MS);

    /// In this order: a device added, rotated, it revoked, reset, and that taken back.
    void change(int step, RandomGenerator random) {
      long now = NOW_MS + step * 60_000L;
      AgreementKey next = AgreementKey.generate();
      made = switch (step) {
        case 0 -> maker.add(made.chain(), aek, List.of(DeviceOffer.of(account, ark.publicKey(), second)), now);
        case 1 -> maker.rotate(made.chain(), next, now);
        case 2 -> maker.revoke(made.chain(), next, Set.of(second.device()), now);
        case 3 -> reset(next, random.nextInt(3), now);
        default -> maker.veto(made.chain(), next, Set.of(), now);
      };
    }

    private MadeAccount reset(AgreementKey next, int by, long now) {
      SigningKey other = SigningKey.generate();
      DeviceOffer offer = DeviceOffer.of(account, other.publicKey(), DeviceKeys.generate());
      ResetBy who = switch (by) {
        case 0 -> new ResetBy.Nobody();
        case 1 -> new ResetBy.Root(ark);
        default -> new ResetBy.Device(first);
      };
      return new AccountMaker(account, other).reset(made.chain(), next, List.of(offer), who, now);
    }
  }

  /// A conversation of up to three epochs; its keys, from the newest backwards.
  record Conversations(JavaSide me) implements Operation {
    @Override
    public One make(RandomGenerator random, int index) {
      List<MadeEpoch> epochs = new ArrayList<>(List.of(me.converse()));
      for (int i = random.nextInt(3); i > 0; i--) {
        epochs.add(next(me, epochs.getLast()));
      }
      return new One(me.handed(epochs), epochs.size() + " " + hex(epochs.getLast().record().hash().bytes()));
    }

    @Override
    public String open(JsonObject item) {
      return switch (me.verified(item)) {
        case Reading.Unreadable<JavaSide.Verified>(Fault fault) -> fault.name();
        case Reading.Read<JavaSide.Verified>(JavaSide.Verified verified) -> {
          EpochRecord last = verified.records().getLast();
          yield switch (me.opening().open(last, bytes(item.getString("wrap")))) {
            case Opening.Refused(Fault fault, var _) -> fault.name();
            case Opening.Opened(SymmetricKey key) -> {
              long before = EpochOpening.history(verified.records(), key).stream()
                  .filter(Opening.Opened.class::isInstance).count();
              yield (1 + before) + " " + hex(last.hash().bytes());
            }
          };
        }
      };
    }
  }

  private static MadeEpoch next(JavaSide me, MadeEpoch before) {
    return me.maker().next(before.chain(), before.key(), EpochReason.BY_USER, me.roster(), NOW_MS);
  }

  static final class Grants implements Operation {
    private final JavaSide me;
    private @Nullable MadeEpoch newest;
    private JavaSide.@Nullable Joined joined;

    Grants(JavaSide me) {
      this.me = me;
    }

    @Override
    public JsonObject begin() {
      newest = next(me, me.mine());
      return me.handed(List.of(me.mine(), requireNonNull(newest)));
    }

    @Override
    public One make(RandomGenerator random, int index) {
      GrantKind kind = random.nextBoolean() ? GrantKind.REWRAP : GrantKind.HISTORY;
      MadeGrant made = me.maker().grant(me.mine().record(), requireNonNull(newest).record(), me.mine().key(),
          me.otherUid(), kind, NOW_MS);
      return new One(new JsonObject().put("grant", hex(made.grant().bytes())).put("wrap", hex(made.wrap())),
          "opened 32");
    }

    @Override
    public void receive(JsonObject shared) {
      joined = me.joined(shared);
    }

    @Override
    public String open(JsonObject item) {
      List<EpochRecord> epochs = requireNonNull(joined).conversation().records();
      return switch (Grant.read(bytes(item.getString("grant")))) {
        case Reading.Unreadable<Grant>(Fault fault) -> fault.name();
        case Reading.Read<Grant>(Grant grant) ->
          switch (GrantCheck.verify(grant, epochs.getFirst(), epochs.getLast(), me.accounts())) {
            case Verdict.Invalid(Fault fault) -> fault.name();
            case Verdict.Valid() ->
              switch (me.opening().open(grant, epochs.getFirst(), bytes(item.getString("wrap")))) {
                case Opening.Opened _ -> "opened 32";
                case Opening.Refused(Fault fault, var _) -> fault.name();
              };
          };
      };
    }
  }
}
