// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.e2ee;

import com.google.protobuf.ByteString;
import io.e2relay.client.Receipt;
import io.e2relay.client.crypto.MadeEpoch;
import io.e2relay.client.crypto.MadeGrant;
import io.e2relay.client.crypto.MessageMaker;
import io.e2relay.client.crypto.RosterMember;
import io.e2relay.protocol.id.ConversationId;
import io.e2relay.protocol.id.Epoch;
import io.e2relay.protocol.id.MsgId;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.record.EpochReason;
import io.e2relay.protocol.record.EpochRecord;
import io.e2relay.protocol.record.Genesis;
import io.e2relay.protocol.record.GrantKind;
import io.e2relay.protocol.record.RosterRole;
import io.e2relay.protocol.wire.ClientFrame;
import io.e2relay.protocol.wire.Conversation;
import io.e2relay.protocol.wire.Leave;
import io.e2relay.protocol.wire.PutGrant;
import io.e2relay.protocol.wire.RemoveMembers;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/// An encrypted conversation, as one of its members sees it. Methods block until there is an answer; keys are made,
/// fetched and passed on where they have to be, without being asked for.
public final class EncryptedConversation {
  private final Station station;
  private final ConversationId id;
  private final EpochBook book;
  private final Keyring keyring;
  private final Rotation rotation;
  private final Outgoing outgoing;
  private final Presence presence;

  EncryptedConversation(Station station, ConversationId id, Presence.Audience audience) {
    this.station = station;
    this.id = id;
    this.book = new EpochBook(station, id);
    this.keyring = new Keyring(station, id, book);
    this.rotation = new Rotation(station, id, book, keyring);
    this.outgoing = new Outgoing(station, id, book, keyring, rotation);
    this.presence = new Presence(this, audience);
  }

  public ConversationId id() {
    return id;
  }

  /// What can be done here now.
  public ConversationState state() {
    return presence.state();
  }

  /// What this conversation is for good: who may add, what newcomers read.
  public Genesis genesis() {
    open();
    return book.chain().genesis();
  }

  /// The epoch whose key is used now.
  public Epoch epoch() {
    open();
    return book.epoch();
  }

  /// Sends a text; returns when it is durable. Tried again over reconnects and changes of keys, and stored once.
  public Receipt send(String text) {
    return send(Content.text(text));
  }

  /// Sends content of any kind; returns when it is durable. Tried again over reconnects, and stored once.
  public Receipt send(ByteString content) {
    return send(MessageMaker.newId(), content);
  }

  /// Sends under a msg_id that the application remembers, so that even its own restart stores the message once.
  public Receipt send(MsgId msgId, ByteString content) {
    try {
      open();
      rotation.beginAnewIfNobodyIsLeft();
      if (presence.isKeyOld()) {
        rotation.rotate(Rotation.Wish.after(EpochReason.PERIODIC, book.current()));
      }
      welcomeBack();
      return outgoing.send(msgId, content);
    } finally {
      presence.assess();
    }
  }

  /// All messages after this place (0: from the first) that this user can read, in order.
  public List<EncryptedMessage> history(long afterSeq) {
    return history(afterSeq, Long.MAX_VALUE);
  }

  /// The messages after this place up to that one, itself included, that this user can read, in order.
  public List<EncryptedMessage> history(long afterSeq, long uptoSeq) {
    open();
    return new History(station, id, book, keyring).between(afterSeq, uptoSeq);
  }

  /// Which messages there can be read now.
  Ranges readable(Range range) {
    Ranges readable = Ranges.NONE;
    for (EncryptedMessage message : history(range.from() - 1, range.to())) {
      readable = readable.with(new Range(message.seq(), message.seq()));
    }
    return readable;
  }

  /// Who is in it now: those of the signed roster whom the service has not let go since.
  public List<RosterMember> members() {
    open();
    Conversation shown = station.shown(id);
    book.compare(shown);
    Set<Uid> here = shown.getMembersList().stream().map(member -> new Uid(member.getUid())).collect(Collectors.toSet());
    return book.current().statement().roster().stream().filter(entry -> here.contains(entry.uid()))
        .map(entry -> new RosterMember(entry.uid(), entry.role(), entry.state())).toList();
  }

  /// Adds users. Those who have an account can read and write at once; the others as soon as they have one.
  public void add(Uid... users) {
    rotate(Rotation.Wish.add(Arrays.asList(users)));
  }

  /// Removes users: they get nothing more, and the next key is not for them.
  public void remove(Uid... users) {
    open();
    station.ask(ClientFrame.newBuilder().setRemoveMembers(RemoveMembers.newBuilder().setConversationId(id.bytes())
        .addAllMembers(Arrays.stream(users).map(Uid::bytes).toList())));
    rotate(Rotation.Wish.open());
  }

  public void leave() {
    station.ask(ClientFrame.newBuilder().setLeave(Leave.newBuilder().setConversationId(id.bytes())));
    presence.gone();
  }

  public void setRole(Uid user, RosterRole role) {
    open();
    if (book.entry(user).isEmpty()) {
      throw new IllegalArgumentException("who is not in it has no role");
    }
    rotate(Rotation.Wish.role(user, role));
  }

  /// Makes a new key now, for those who are in.
  public void rotate() {
    open();
    rotate(Rotation.Wish.after(EpochReason.BY_USER, book.current()));
  }

  /// The user has compared what the alarm says, and goes on with the record that was verified, whatever else the
  /// service calls that epoch. There is no such way past [Alarm.Forked]: that conversation is ended.
  public void goOn(Alarm.EpochDiffers alarm) {
    if (!alarm.conversation().equals(id)) {
      throw new IllegalArgumentException("an alarm of another conversation");
    }
    book.overrule(alarm);
    open();
    presence.catchUp();
    presence.assess();
  }

  /// Lets a member read epochs from before they came.
  public void shareHistory(Uid user, Epoch... epochs) {
    open();
    station.contacts().look(List.of(user));
    rotation.requireConfirmed(book.current());
    rotation.requireConfirmed(user);
    for (Epoch epoch : epochs) {
      EpochRecord record = book.record(epoch)
          .orElseThrow(() -> new IllegalArgumentException("there is no such epoch yet"));
      MadeGrant made = station.maker().grant(record, book.current(), keyring.required(epoch), user, GrantKind.HISTORY,
          station.clock().millis());
      // It is for the newest account, which may have become another one meanwhile.
      rotation.requireConfirmed(user);
      give(made);
    }
  }

  void give(MadeGrant made) {
    station.ask(ClientFrame.newBuilder()
        .setPutGrant(PutGrant.newBuilder().setGrant(made.grant().bytes()).setWrap(made.wrap())));
  }

  /// Everything is verified before anything is done with it; what was not to be believed is looked at again.
  void open() {
    if (!book.known() || book.blocked().isPresent()) {
      book.refresh();
    }
  }

  /// Takes an epoch of this device's own making, once the service has it.
  void adopt(MadeEpoch made) {
    keyring.put(made.record().statement().epoch(), made.key());
    book.adopt(made.chain());
    presence.assess();
  }

  void rotate(Rotation.Wish wish) {
    open();
    rotation.rotate(wish);
    presence.opened();
  }

  /// Whoever waits since a reset, and has to be confirmed, is brought to the user's notice.
  void askAboutReturning() {
    if (book.known()) {
      List<Uid> _ = rotation.returning();
    }
  }

  /// Whoever was reset, and need not be confirmed any more, reads what comes now.
  void welcomeBack() {
    List<Uid> returning = rotation.returning();
    if (!returning.isEmpty()) {
      activate(returning);
    }
  }

  /// Lets those in who wait and need not be confirmed first.
  void activate(List<Uid> users) {
    open();
    rotation.activate(users);
    presence.opened();
  }

  Station station() {
    return station;
  }

  EpochBook book() {
    return book;
  }

  Keyring keyring() {
    return keyring;
  }

  Outgoing outgoing() {
    return outgoing;
  }

  Presence presence() {
    return presence;
  }

  @Override
  public String toString() {
    return "EncryptedConversation[" + id + "]";
  }
}
