// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.fuzz;

import com.google.protobuf.ByteString;
import io.e2relay.keyservice.account.AccountDesk;
import io.e2relay.keyservice.account.Put;
import io.e2relay.keyservice.backup.BackupDesk;
import io.e2relay.keyservice.conversation.Standing;
import io.e2relay.keyservice.epoch.Author;
import io.e2relay.keyservice.epoch.EpochDesk;
import io.e2relay.keyservice.epoch.EpochPut;
import io.e2relay.keyservice.epoch.Foundation;
import io.e2relay.keyservice.epoch.Objection;
import io.e2relay.keyservice.epoch.Sealed;
import io.e2relay.keyservice.grant.GrantDesk;
import io.e2relay.keyservice.grant.GrantPut;
import io.e2relay.keyservice.grant.Granting;
import io.e2relay.keyservice.membership.Member;
import io.e2relay.keyservice.membership.Named;
import io.e2relay.keyservice.membership.ReadableEpochs;
import io.e2relay.keyservice.schedule.Citizen;
import io.e2relay.protocol.error.ErrorCode;
import io.e2relay.protocol.id.ConversationId;
import io.e2relay.protocol.id.Epoch;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.record.AccountKey;
import io.e2relay.protocol.record.AccountRecord;
import io.e2relay.protocol.record.BackupBlob;
import io.e2relay.protocol.record.EpochRecord;
import io.e2relay.protocol.record.Fault;
import io.e2relay.protocol.record.Genesis;
import io.e2relay.protocol.record.Grant;
import io.e2relay.protocol.record.GrantStatement;
import io.e2relay.protocol.record.Reading;
import io.e2relay.protocol.record.SelfBlob;
import io.e2relay.protocol.wire.BadWrap;
import io.e2relay.protocol.wire.ClientFrame;
import io.e2relay.protocol.wire.CreateConversation;
import io.e2relay.protocol.wire.PutAccount;
import io.e2relay.protocol.wire.PutEpoch;
import io.e2relay.protocol.wire.PutGrant;
import io.e2relay.protocol.wire.TrustLevel;
import io.e2relay.protocol.wire.UpgradeConversation;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// What becomes of a request whose frame was good, for each that stores something: its records are read, and the rules
/// are asked with what the tables hold.
final class Paths {
  private static final EpochDesk EPOCHS = new EpochDesk(6);
  /// Of the self blob that is there.
  static final long COUNTER = 5;

  private final Town town;
  private final BackupDesk backups;

  Paths(Town town, BackupDesk backups) {
    this.town = town;
    this.backups = backups;
  }

  Answer answer(Citizen caller, ClientFrame frame) {
    return switch (frame.getBodyCase()) {
      case PUT_ACCOUNT -> account(caller, frame.getPutAccount());
      case PUT_BACKUP -> read(BackupBlob.read(frame.getPutBackup().getBlob()),
          blob -> backups.takes(frame.getPutBackup(), blob)
              ? new Answer.Taken(List.of(blob.bytes()))
              : refused(ErrorCode.BACKUP_MOVED));
      case PUT_SELF -> read(SelfBlob.read(frame.getPutSelf().getBlob()),
          blob -> blob.counter() > COUNTER
              ? new Answer.Taken(List.of(blob.bytes()))
              : Answer.refused(Fault.ROLLED_BACK));
      case CREATE_CONVERSATION -> create(caller.author(), frame.getCreateConversation());
      case UPGRADE_CONVERSATION -> upgrade(caller.author(), frame.getUpgradeConversation());
      case PUT_EPOCH -> epoch(caller.author(), frame.getPutEpoch());
      case PUT_GRANT -> grant(caller.author(), frame.getPutGrant());
      case BAD_WRAP -> ask(caller.uid, frame.getBadWrap());
      // A spoilt tag is another request, which stores nothing of these.
      default -> new Answer.Refused("another_request");
    };
  }

  private static <T> Answer read(Reading<T> reading, Function<T, Answer> then) {
    return switch (reading) {
      case Reading.Read<T>(T value) -> then.apply(value);
      case Reading.Unreadable<T>(Fault fault) -> Answer.refused(fault);
    };
  }

  private Answer account(Citizen caller, PutAccount request) {
    return read(AccountRecord.read(request.getRecord()), record -> {
      Put put = new Put(Named.TENANT, caller.uid, record, request.getDeviceWrapsList(), request.getRootWrapsList());
      return switch (AccountDesk.put(town.chain(caller.uid), 0, put, Citizen.NOW)) {
        case AccountDesk.Answer.Next _,AccountDesk.Answer.Known _ -> new Answer.Taken(List.of(record.bytes()));
        case AccountDesk.Answer.Refused(ErrorCode code) -> refused(code);
        case AccountDesk.Answer.Unfit(Fault fault) -> Answer.refused(fault);
      };
    });
  }

  private Answer create(Author by, CreateConversation request) {
    if (request.getLevel() != TrustLevel.TRUST_LEVEL_E2EE) {
      return new Answer.Refused("another_request");
    }
    if (request.getMembersCount() > 0 || request.getJoinByLink()) {
      return refused(ErrorCode.NOT_ALLOWED);
    }
    return founded(by, request.getGenesis(), request.getRecord(), request.getWrapsList(),
        wish -> EPOCHS.found(wish, town.read()));
  }

  private Answer upgrade(Author by, UpgradeConversation request) {
    if (!request.getConversationId().equals(town.open.id().bytes())) {
      return refused(ErrorCode.NOT_A_MEMBER);
    }
    return founded(by, request.getGenesis(), request.getRecord(), request.getWrapsList(),
        wish -> EPOCHS.upgrade(town.open.id(), town.open, wish, town.read()));
  }

  private static Answer founded(Author by, ByteString genesis, ByteString record, List<ByteString> wraps,
      Function<Foundation, EpochDesk.Answer> make) {
    return read(Genesis.read(genesis),
        begun -> read(EpochRecord.read(record),
            first -> answer(make.apply(new Foundation(by, begun, new Sealed(first, wraps))),
                List.of(begun.bytes(), first.bytes()))));
  }

  private Answer epoch(Author by, PutEpoch request) {
    if (!request.getConversationId().equals(town.sealed.id().bytes())) {
      return refused(ErrorCode.NOT_A_MEMBER);
    }
    return read(EpochRecord.read(request.getRecord()),
        record -> answer(
            EPOCHS.put(town.sealed, town.second,
                new EpochPut(by, town.sealed.id(), new Sealed(record, request.getWrapsList())), town.read()),
            List.of(record.bytes())));
  }

  private static Answer answer(EpochDesk.Answer answer, List<ByteString> records) {
    return switch (answer) {
      case EpochDesk.Answer.Opened _,EpochDesk.Answer.Known _ -> new Answer.Taken(records);
      case EpochDesk.Answer.Refused(Objection why) -> Answer.refused(why);
    };
  }

  private Answer grant(Author by, PutGrant request) {
    return read(Grant.read(request.getGrant()), grant -> {
      GrantStatement statement = grant.statement();
      if (!statement.conversation().equals(town.sealed.id())) {
        return refused(ErrorCode.NOT_A_MEMBER);
      }
      Member grantee = town.sealed.roster().member(statement.grantee());
      EpochRecord asked = statement.epoch().value() == 1
          ? town.first
          : statement.epoch().value() == 2 ? town.second : null;
      return answer(
          GrantDesk.put(new GrantPut(by, grant, request.getWrap()),
              new GrantDesk.Parties(standing(by.uid()), key(by.uid()), grantee != null && grantee.active(),
                  key(statement.grantee())),
              new GrantDesk.Kept(null, asked, town.second, town)),
          List.of(grant.bytes()));
    });
  }

  private Answer ask(Uid member, BadWrap request) {
    boolean here = request.getConversationId().equals(town.sealed.id().bytes());
    if (request.getEpoch() < 1 || request.getConversationId().size() != ConversationId.BYTES) {
      return refused(ErrorCode.MALFORMED);
    }
    return answer(GrantDesk.ask(here ? standing(member) : null, new Epoch(request.getEpoch()), false, 0),
        List.of(request.getConversationId()));
  }

  private static Answer answer(Granting granting, List<ByteString> records) {
    return switch (granting) {
      case Granting.Done _,Granting.Before _ -> new Answer.Taken(records);
      case Granting.Refused(Objection why) -> Answer.refused(why);
    };
  }

  private @Nullable Standing standing(Uid uid) {
    Member member = town.sealed.roster().member(uid);
    return member == null
        ? null
        : new Standing(town.sealed.level(), town.sealed.epoch(), member,
            member.active() ? List.of(new ReadableEpochs.Range(Epoch.FIRST, null)) : List.of());
  }

  private @Nullable AccountKey key(Uid uid) {
    return town.newest(uid).map(Citizen::key).orElse(null);
  }

  private static Answer refused(ErrorCode code) {
    return new Answer.Refused(code.name());
  }
}
