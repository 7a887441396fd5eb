// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.e2ee;

import io.e2relay.client.crypto.Opening;
import io.e2relay.protocol.id.ConversationId;
import io.e2relay.protocol.id.DeviceId;
import io.e2relay.protocol.id.Epoch;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.record.AccountRecord;
import io.e2relay.protocol.record.EpochRecord;
import io.e2relay.protocol.record.Fault;
import io.e2relay.protocol.record.Hash;
import io.e2relay.protocol.record.Head;
import io.e2relay.protocol.record.SelfKind;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;

/// Something that no honest service and no honest member brings about, or that people must know of. Shown to the user;
/// the records that prove it are part of it where there are any.
public sealed interface Alarm {
  /// About a person.
  sealed interface OfAccount extends Alarm {
    Uid uid();
  }

  /// About a conversation.
  sealed interface OfConversation extends Alarm {
    ConversationId conversation();
  }

  /// The service named somebody or something by an id of a length that none has. It is left out.
  record IdRefused(Kind kind, int bytes) implements Alarm {
    /// What it was to name.
    public enum Kind {
      USER, CONVERSATION
    }
  }

  /// The contact has another root key: somebody else, or a person who lost everything. Compare the safety number.
  record SecurityCodeChanged(Uid uid, boolean wasVerified) implements OfAccount {
  }

  /// The service shows an older state of an account than it showed before.
  record AccountRolledBack(Uid uid, long pinnedSeq, long shownSeq) implements OfAccount {
  }

  /// Two signed records of one number: somebody shows different people different keys.
  record AccountForked(Uid uid, AccountRecord pinned, AccountRecord shown) implements OfAccount {
  }

  /// What the service shows as an account's records is not believed.
  record AccountRefused(Uid uid, Fault fault) implements OfAccount {
  }

  /// A device is in this user's own account that this one did not add: the user did it on another device, or somebody
  /// else did. Blocks until the user says which.
  record DeviceAdded(Uid uid, DeviceId device, long seq, Instant added) implements OfAccount {
  }

  /// This device was put out of its account.
  record DeviceRemoved(Uid uid, long seq) implements OfAccount {
  }

  /// A generation of the user's own key did not come for this device, or is not the one that the account names.
  record OwnKeyMissing(Uid uid, long generation) implements OfAccount {
  }

  /// What the service shows of this user's own labels or marks is older than what this device remembers, or none of
  /// this user's devices wrote it. What is remembered stays.
  record SelfRefused(Uid uid, SelfKind kind, Fault fault) implements OfAccount {
  }

  /// A contact has new keys since a conversation's last epoch, and people have to say that it is still them.
  record ConfirmationNeeded(ConversationId conversation, Uid uid) implements OfConversation {
  }

  /// Every member who had the key was reset, and this one began anew with another: what is from before stays
  /// unreadable.
  record Restarted(ConversationId conversation, Epoch epoch, Uid by) implements OfConversation {
  }

  /// The other members made this user wait as if the account had been reset since that record, and it never was: they
  /// are shown another account.
  record SeenAsReset(ConversationId conversation, Epoch epoch) implements OfConversation {
  }

  /// The service calls somebody a member whom no member has signed in. They read nothing.
  record MemberUnsigned(ConversationId conversation, Uid uid) implements OfConversation {
  }

  /// The service's list of an open conversation's members is not the one that the user confirmed: these are only in the
  /// service's, and those only in the user's.
  record MembersDiffer(ConversationId conversation, Set<Uid> added, Set<Uid> missing) implements OfConversation {
    public MembersDiffer {
      added = Set.copyOf(added);
      missing = Set.copyOf(missing);
    }
  }

  /// The service shows an older state of a conversation than it showed before, to this device or another of the
  /// user's.
  record RolledBack(ConversationId conversation, Epoch pinned, Epoch shown) implements OfConversation {
  }

  /// Two signed records of one epoch: somebody shows different members different conversations. It is ended for this
  /// device: which of them the others are in nobody can tell. Whoever wants to go on begins another.
  record Forked(ConversationId conversation, EpochRecord pinned, EpochRecord shown) implements OfConversation {
  }

  /// Another device of this user's has verified another record of an epoch than the one that is shown here: somebody
  /// shows different devices different conversations. Nothing of it is believed here as long as that is shown.
  record HeadDiffers(Head verified, EpochRecord shown) implements OfConversation {
    @Override
    public ConversationId conversation() {
      return verified.conversation();
    }
  }

  /// The service names another record of an epoch than the one that was verified, which is here if there is one; of the
  /// other it shows nothing but its hash. The user can go on with what was verified: [EncryptedConversation#goOn].
  record EpochDiffers(ConversationId conversation, Epoch epoch, Optional<EpochRecord> verified,
      Hash named) implements OfConversation {
  }

  /// The conversation's log ends before what this device has read of it: the service was restored from a backup, or
  /// hides what was. What comes from now on is read.
  record LogCutShort(ConversationId conversation, long readSeq, long lastSeq) implements OfConversation {
  }

  /// A record of the conversation is not believed.
  record RecordRefused(ConversationId conversation, Fault fault) implements OfConversation {
  }

  /// An epoch's record names an account record of mine that I never made.
  record GhostKey(ConversationId conversation, EpochRecord record) implements OfConversation {
  }

  /// The key of an epoch that came for me is not the one its record commits to, or does not open.
  record BadKey(ConversationId conversation, Epoch epoch, Fault fault,
      Optional<Opening.Evidence> evidence) implements OfConversation {
  }

  /// I am active in this epoch, and no key came with it.
  record KeyMissing(ConversationId conversation, Epoch epoch) implements OfConversation {
  }

  /// The service calls a conversation unencrypted that is encrypted for good.
  record Downgraded(ConversationId conversation) implements OfConversation {
  }

  /// A message is not shown: it is not what its sender sent, or nobody may have sent it.
  record MessageRefused(ConversationId conversation, long seq, Fault fault) implements OfConversation {
  }

  /// Messages of a device did not come before the one that did: somebody withholds them.
  record MessagesMissing(ConversationId conversation, Uid uid, DeviceId device, long count) implements OfConversation {
  }

  /// Two messages of a device carry the same number: its keys are in two places.
  record ClonedDevice(ConversationId conversation, Uid uid, DeviceId device) implements OfConversation {
  }
}
