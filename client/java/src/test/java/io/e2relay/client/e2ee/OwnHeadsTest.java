// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.e2ee;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.id.ConversationId;
import io.e2relay.protocol.id.Epoch;
import io.e2relay.protocol.record.Fault;
import io.e2relay.protocol.record.Hash;
import io.e2relay.protocol.record.Head;
import io.e2relay.protocol.record.Heads;
import io.e2relay.protocol.record.SelfKind;
import io.e2relay.protocol.wire.ClientFrame;
import io.e2relay.protocol.wire.ServerFrame;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiFunction;
import org.junit.jupiter.api.Test;

/// How far conversations have come, as a user's devices tell each other, with the service played.
final class OwnHeadsTest {
  private static final String PASSWORD = "tulip anvil mango scooter";
  private static final Authority BY_PASSWORD = new Authority.Password(PASSWORD);

  private final PlayedAccounts accounts = new PlayedAccounts();
  private final PlayedDevice phone = new PlayedDevice(accounts);
  private final PlayedDevice laptop = new PlayedDevice(accounts);

  @Test
  void a_device_that_is_set_up_by_whatever_way_knows_what_the_others_have_verified() {
    Account first = PlayedDevice.entered(phone.on().create(PASSWORD));
    String code = first.secrets().orElseThrow().recoveryCode();
    first.verified(head(1, 7));
    first.heads().tell();
    Account restored = PlayedDevice.entered(laptop.on().restore(PASSWORD));
    assertEquals(Optional.of(head(1, 7)), restored.head(id(1)));
    assertEquals(Optional.empty(), restored.head(id(2)));
    Account recovered = PlayedDevice.entered(new PlayedDevice(accounts).on().recover(code, "other " + PASSWORD));
    assertEquals(Optional.of(head(1, 7)), recovered.head(id(1)));
    first.alarms().forEach(first::acknowledge);
    // Adding a device tells it what is new, whenever the last telling was.
    first.verified(head(1, 8));
    PlayedDevice tablet = new PlayedDevice(accounts);
    Offered offered = tablet.on().offer().orElseThrow();
    assertEquals(new Change.Done(),
        first.addDevice(offered.enrolment(), offered.code(), new Authority.Password("other " + PASSWORD)));
    assertEquals(Optional.of(head(1, 8)), tablet.entered().head(id(1)));
  }

  @Test
  void of_what_two_devices_say_the_higher_is_kept_and_nothing_is_taken_back() {
    Account first = PlayedDevice.entered(phone.on().create(PASSWORD));
    Account second = PlayedDevice.entered(laptop.on().restore(PASSWORD));
    first.alarms().forEach(first::acknowledge);
    first.verified(head(1, 5));
    first.verified(head(2, 1));
    first.heads().tell();
    second.verified(head(1, 4));
    second.verified(head(3, 9));
    second.heads().tell();
    first.verified(head(2, 2));
    first.heads().tell();
    Account third = PlayedDevice.entered(new PlayedDevice(accounts).on().restore(PASSWORD));
    assertEquals(List.of(Optional.of(head(1, 5)), Optional.of(head(2, 2)), Optional.of(head(3, 9))),
        List.of(third.head(id(1)), third.head(id(2)), third.head(id(3))));
  }

  @Test
  void a_device_tells_at_once_what_nobody_told_yet_and_then_only_when_it_is_time() {
    Account first = PlayedDevice.entered(phone.on().create(PASSWORD));
    first.heads().start(Duration.ofDays(1));
    first.verified(head(1, 1));
    Eventually.holds(() -> puts(1));
    first.verified(head(1, 2));
    first.heads().close();
    assertTrue(puts(1));
    // Switched off and on again it still knows when it told, and tells when the time has come.
    Account again = phone.entered();
    again.verified(head(1, 2));
    again.heads().start(Duration.ofMillis(1));
    Eventually.holds(() -> puts(2));
    again.heads().close();
  }

  @Test
  void an_older_list_than_the_one_remembered_or_none_at_all_is_an_alarm_and_changes_nothing() {
    Account first = PlayedDevice.entered(phone.on().create(PASSWORD));
    first.verified(head(1, 1));
    first.heads().tell();
    ByteString older = accounts.self(SelfKind.HEADS).orElseThrow();
    first.verified(head(1, 2));
    first.heads().tell();
    phone.onTheWay = shown(List.of(older));
    Account again = phone.entered();
    assertEquals(Optional.of(head(1, 2)), again.head(id(1)));
    Alarm expected = new Alarm.SelfRefused(PlayedAccounts.OWNER.uid(), SelfKind.HEADS, Fault.ROLLED_BACK);
    assertAlarmed(again, expected);
    phone.onTheWay = shown(List.of());
    Account later = phone.entered();
    assertEquals(Optional.of(head(1, 2)), later.head(id(1)));
    assertAlarmed(later, expected);
    // The control.
    phone.onTheWay = (_, answer) -> answer;
    Account good = phone.entered();
    assertEquals(Optional.of(head(1, 2)), good.head(id(1)));
    assertEquals(List.of(), alarms(good));
  }

  @Test
  void a_device_that_was_put_out_says_nothing_to_the_others_any_more() {
    Account first = PlayedDevice.entered(phone.on().create(PASSWORD));
    Account second = PlayedDevice.entered(laptop.on().restore(PASSWORD));
    first.alarms().forEach(first::acknowledge);
    second.verified(head(1, 1_000));
    second.heads().tell();
    ByteString theirs = accounts.self(SelfKind.HEADS).orElseThrow();
    assertInstanceOf(Change.Done.class, first.revoke(second.device(), BY_PASSWORD));
    PlayedDevice tablet = new PlayedDevice(accounts);
    Account third = PlayedDevice.entered(tablet.on().restore(PASSWORD));
    tablet.onTheWay = shown(List.of(theirs));
    assertEquals(Optional.empty(), third.head(id(1)));
    assertAlarmed(third, new Alarm.SelfRefused(third.uid(), SelfKind.HEADS, Fault.BAD_SIGNATURE));
  }

  @Test
  void when_the_list_is_full_what_is_in_it_stays() {
    Account first = PlayedDevice.entered(phone.on().create(PASSWORD));
    for (int i = 0; i < Heads.COUNT_MAX; i++) {
      first.verified(head(i, 1));
    }
    first.heads().tell();
    int bytes = accounts.self(SelfKind.HEADS).orElseThrow().size();
    first.verified(head(Heads.COUNT_MAX, 1));
    first.verified(head(0, 2));
    first.heads().tell();
    Account second = PlayedDevice.entered(laptop.on().restore(PASSWORD));
    assertEquals(Optional.of(head(0, 2)), second.head(id(0)));
    assertEquals(Optional.of(head(Heads.COUNT_MAX - 1, 1)), second.head(id(Heads.COUNT_MAX - 1)));
    assertEquals(Optional.empty(), second.head(id(Heads.COUNT_MAX)));
    IO.println("shown: heads conversations=" + Heads.COUNT_MAX + " bytes=" + bytes);
  }

  private static void assertAlarmed(Account account, Alarm expected) {
    List<Alarm> told = alarms(account);
    Eventually.holds(() -> told.contains(expected));
    assertEquals(List.of(expected), told);
  }

  private static List<Alarm> alarms(Account account) {
    List<Alarm> told = new CopyOnWriteArrayList<>();
    account.onAlarm(told::add);
    return told;
  }

  private boolean puts(long counter) {
    return accounts.counter(SelfKind.HEADS) == counter;
  }

  private static BiFunction<ClientFrame, ServerFrame, ServerFrame> shown(List<ByteString> blobs) {
    return (asked, answer) -> {
      if (!asked.hasGetSelf()) {
        return answer;
      }
      ServerFrame.Builder changed = answer.toBuilder();
      changed.getSelfBlobsBuilder().clearBlobs().addAllBlobs(blobs);
      return changed.build();
    };
  }

  private static ConversationId id(int number) {
    byte[] id = new byte[ConversationId.BYTES];
    id[0] = (byte) (number >>> 8);
    id[1] = (byte) number;
    return new ConversationId(ByteString.copyFrom(id));
  }

  private static Head head(int number, long epoch) {
    return new Head(id(number), new Epoch(epoch), Hash.of(id(number).bytes(), PlayedAccounts.bytes((int) epoch, 4)));
  }
}
