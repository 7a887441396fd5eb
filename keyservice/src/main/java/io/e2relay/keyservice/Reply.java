// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice;

import com.google.protobuf.ByteString;
import io.e2relay.keyservice.conversation.ActiveRoster;
import io.e2relay.keyservice.conversation.Listing;
import io.e2relay.keyservice.conversation.Outcome;
import io.e2relay.keyservice.conversation.Standing;
import io.e2relay.keyservice.conversation.View;
import io.e2relay.keyservice.epoch.Epochs.Chapter;
import io.e2relay.keyservice.epoch.Epochs.Keyring;
import io.e2relay.keyservice.epoch.Epochs.Wrap;
import io.e2relay.keyservice.epoch.Objection;
import io.e2relay.keyservice.membership.Encryption;
import io.e2relay.keyservice.membership.ReadableEpochs;
import io.e2relay.protocol.bus.wire.BackupTermsReply;
import io.e2relay.protocol.bus.wire.ConversationReply;
import io.e2relay.protocol.bus.wire.DeviceWrapsReply;
import io.e2relay.protocol.bus.wire.DoneReply;
import io.e2relay.protocol.bus.wire.EpochRange;
import io.e2relay.protocol.bus.wire.GetAccountsReply;
import io.e2relay.protocol.bus.wire.GetEpochsReply;
import io.e2relay.protocol.bus.wire.GetSelfReply;
import io.e2relay.protocol.bus.wire.GetWrapsReply;
import io.e2relay.protocol.bus.wire.ListReply;
import io.e2relay.protocol.bus.wire.Membership;
import io.e2relay.protocol.bus.wire.MembershipReply;
import io.e2relay.protocol.bus.wire.OpenBackupReply;
import io.e2relay.protocol.bus.wire.PutEpochReply;
import io.e2relay.protocol.bus.wire.Refusal;
import io.e2relay.protocol.bus.wire.Roster;
import io.e2relay.protocol.bus.wire.RosterReply;
import io.e2relay.protocol.bus.wire.SignInReply;
import io.e2relay.protocol.bus.wire.TakeWrapJobsReply;
import io.e2relay.protocol.error.ErrorCode;
import io.e2relay.protocol.id.ConversationId;
import io.e2relay.protocol.id.Epoch;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.record.Fault;
import io.e2relay.protocol.wire.Conversation;
import io.e2relay.protocol.wire.ConversationPage;
import io.e2relay.protocol.wire.Done;
import io.e2relay.protocol.wire.EpochPut;
import io.e2relay.protocol.wire.Epochs;
import io.e2relay.protocol.wire.KeyWrap;
import io.e2relay.protocol.wire.Member;
import io.e2relay.protocol.wire.Wraps;
import java.util.List;

/// Answers in the words of the bus.
final class Reply {
  private Reply() {
  }

  static SignInReply signIn(ErrorCode code) {
    return SignInReply.newBuilder().setRefusal(code.refusal()).build();
  }

  static DoneReply done(ErrorCode code) {
    return DoneReply.newBuilder().setRefusal(code.refusal()).build();
  }

  static DoneReply done() {
    return DoneReply.newBuilder().setDone(Done.getDefaultInstance()).build();
  }

  /// A record that is not one, or not the next one.
  static DoneReply done(Fault fault) {
    return DoneReply.newBuilder().setRefusal(ErrorCode.RECORD_REFUSED.refusal().toBuilder().setFault(fault.name()))
        .build();
  }

  static DoneReply done(Objection why) {
    return DoneReply.newBuilder().setRefusal(refusal(why)).build();
  }

  static TakeWrapJobsReply jobs(ErrorCode code) {
    return TakeWrapJobsReply.newBuilder().setRefusal(code.refusal()).build();
  }

  static GetAccountsReply accounts(ErrorCode code) {
    return GetAccountsReply.newBuilder().setRefusal(code.refusal()).build();
  }

  static DeviceWrapsReply wraps(ErrorCode code) {
    return DeviceWrapsReply.newBuilder().setRefusal(code.refusal()).build();
  }

  static BackupTermsReply terms(ErrorCode code) {
    return BackupTermsReply.newBuilder().setRefusal(code.refusal()).build();
  }

  static OpenBackupReply opened(ErrorCode code) {
    return OpenBackupReply.newBuilder().setRefusal(code.refusal()).build();
  }

  /// Too many wrong tries; this one was not looked at.
  static OpenBackupReply openedIn(long waitMs) {
    return OpenBackupReply.newBuilder()
        .setRefusal(ErrorCode.TOO_FAST.refusal().toBuilder().setRetryAfterMs(Math.toIntExact(waitMs))).build();
  }

  static GetSelfReply selfBlobs(ErrorCode code) {
    return GetSelfReply.newBuilder().setRefusal(code.refusal()).build();
  }

  static ConversationReply conversation(ErrorCode code) {
    return ConversationReply.newBuilder().setRefusal(code.refusal()).build();
  }

  static ConversationReply conversation(Objection why) {
    return ConversationReply.newBuilder().setRefusal(refusal(why)).build();
  }

  static ConversationReply conversation(View view, Uid caller) {
    return ConversationReply.newBuilder().setConversation(toldTo(caller, view)).build();
  }

  static ListReply list(ErrorCode code) {
    return ListReply.newBuilder().setRefusal(code.refusal()).build();
  }

  static ListReply list(Listing listing, Uid caller) {
    ConversationPage.Builder page = ConversationPage.newBuilder().setMore(listing.more())
        .setUserVersion(listing.version());
    listing.conversations().forEach(view -> page.addConversations(toldTo(caller, view)));
    return ListReply.newBuilder().setPage(page).build();
  }

  static MembershipReply membership(ErrorCode code) {
    return MembershipReply.newBuilder().setRefusal(code.refusal()).build();
  }

  static MembershipReply membership(Standing standing) {
    Membership.Builder membership = Membership.newBuilder().setLevel(standing.level())
        .setEpoch(standing.epoch().value()).setRole(standing.member().role()).setState(standing.member().state());
    for (ReadableEpochs.Range range : standing.readable()) {
      membership.addReadable(
          EpochRange.newBuilder().setFrom(range.from().value()).setTo(range.to() == null ? 0 : range.to().value()));
    }
    return MembershipReply.newBuilder().setMembership(membership).build();
  }

  static RosterReply roster(ErrorCode code) {
    return RosterReply.newBuilder().setRefusal(code.refusal()).build();
  }

  static RosterReply roster(ActiveRoster active) {
    Roster.Builder roster = Roster.newBuilder().setLevel(active.level());
    if (active.epochHash() != null) {
      roster.setEpochHash(active.epochHash());
    }
    active.uids().forEach(uid -> roster.addUids(uid.bytes()));
    return RosterReply.newBuilder().setRoster(roster).build();
  }

  static PutEpochReply put(ErrorCode code) {
    return PutEpochReply.newBuilder().setRefusal(code.refusal()).build();
  }

  static PutEpochReply put(Objection why) {
    return PutEpochReply.newBuilder().setRefusal(refusal(why)).build();
  }

  static PutEpochReply put(Epoch epoch, Outcome.LogEntry entry, boolean before) {
    return PutEpochReply.newBuilder().setPut(EpochPut.newBuilder().setEpoch(epoch.value()).setSeq(entry.seq())
        .setReceivedMs(entry.receivedMs()).setDuplicate(before)).build();
  }

  static GetEpochsReply epochs(ErrorCode code) {
    return GetEpochsReply.newBuilder().setRefusal(code.refusal()).build();
  }

  static GetEpochsReply epochs(ConversationId id, Chapter chapter) {
    return switch (chapter) {
      case Chapter.Records(ByteString genesis, List<ByteString> records, Epoch current, boolean more) ->
        GetEpochsReply.newBuilder().setEpochs(Epochs.newBuilder().setConversationId(id.bytes()).setGenesis(genesis)
            .addAllRecords(records).setCurrentEpoch(current.value()).setMore(more)).build();
      case Chapter.Refused(Objection why) -> GetEpochsReply.newBuilder().setRefusal(refusal(why)).build();
    };
  }

  static GetWrapsReply keyring(ErrorCode code) {
    return GetWrapsReply.newBuilder().setRefusal(code.refusal()).build();
  }

  static GetWrapsReply keyring(Keyring keyring) {
    return switch (keyring) {
      case Keyring.Wraps(List<Wrap> wraps, boolean more) -> {
        Wraps.Builder all = Wraps.newBuilder().setMore(more);
        wraps.forEach(wrap -> all
            .addWraps(KeyWrap.newBuilder().setEpoch(wrap.epoch().value()).setWrap(wrap.wrap()).setGrant(wrap.grant())));
        yield GetWrapsReply.newBuilder().setWraps(all).build();
      }
      case Keyring.Refused(Objection why) -> GetWrapsReply.newBuilder().setRefusal(refusal(why)).build();
    };
  }

  private static Refusal refusal(Objection why) {
    Refusal.Builder refusal = why.code().refusal().toBuilder().addAllUids(why.uids().stream().map(Uid::bytes).toList());
    if (why.fault() != null) {
      refusal.setFault(why.fault().name());
    }
    if (why.current() != null) {
      refusal.setCurrentEpoch(why.current().value());
    }
    return refusal.build();
  }

  private static Conversation toldTo(Uid caller, View view) {
    io.e2relay.keyservice.membership.Conversation it = view.conversation();
    Conversation.Builder told = Conversation.newBuilder().setConversationId(it.id().bytes()).setLevel(it.level())
        .setHistory(it.history()).setEpoch(it.epoch().value()).setCreatedMs(view.createdMs())
        .setClosed(it.phase().closed());
    Encryption encryption = it.encryption();
    if (encryption != null) {
      told.setGenesis(encryption.genesis().bytes()).setEpochHash(encryption.epochHash().bytes());
    }
    ConversationId successor = it.phase().successor();
    if (successor != null) {
      told.setSuccessor(successor.bytes());
    }
    it.roster().members().forEach(member -> told.addMembers(Member.newBuilder().setUid(member.uid().bytes())
        .setRole(member.role()).setState(member.state()).setSubject(view.subjects().getOrDefault(member.uid(), ""))));
    // Who has just left has no business with the link.
    if (it.roster().contains(caller)) {
      told.setLinkSecret(it.linkSecret());
    }
    return told.build();
  }
}
