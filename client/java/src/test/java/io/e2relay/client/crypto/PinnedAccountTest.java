// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.crypto;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.e2relay.client.crypto.PinnedAccount.News;
import io.e2relay.protocol.record.AccountRecord;
import io.e2relay.protocol.record.Fault;
import java.util.List;
import org.junit.jupiter.api.Test;

final class PinnedAccountTest {
  private final TestUser alice = new TestUser(0xaa);
  private final PinnedAccount pinned = PinnedAccount.first(alice.chain).compared();

  @Test
  void nothing_new_is_nothing_to_tell() {
    assertEquals(new News.Changed(pinned, List.of(), false), pinned.meet(List.of(alice.record())));
    assertEquals(new News.Changed(pinned, List.of(), false), pinned.meet(List.of()));
  }

  @Test
  void a_newer_key_is_told_and_leaves_the_contact_verified() {
    alice.rotate();
    News.Changed news = (News.Changed) pinned.meet(alice.records);
    assertEquals(List.of(alice.record()), news.records());
    assertFalse(news.rootChanged());
    assertTrue(news.account().verified());
  }

  @Test
  void another_root_is_told_and_is_not_verified() {
    alice.reset();
    News.Changed news = (News.Changed) pinned.meet(alice.records);
    assertTrue(news.rootChanged());
    assertFalse(news.account().verified());
    assertTrue(news.account().compared().verified());
  }

  @Test
  void what_is_older_than_what_is_pinned_is_refused() {
    AccountRecord old = alice.record();
    alice.rotate();
    PinnedAccount newer = new PinnedAccount(alice.chain, true);
    assertEquals(new News.Refused(Fault.ROLLED_BACK), newer.meet(List.of(old)));
    assertEquals(new News.Changed(newer, List.of(), false), newer.meet(List.of(alice.record())));
  }

  @Test
  void two_records_of_one_number_are_kept_as_evidence() {
    AgreementKey other = AgreementKey.generate();
    AccountRecord shown = alice.maker().rotate(alice.chain, other, TestUser.NOW_MS).record();
    alice.rotate();
    PinnedAccount newer = new PinnedAccount(alice.chain, true);
    assertEquals(new News.Forked(alice.record(), shown), newer.meet(List.of(shown)));
  }

  @Test
  void somebody_elses_account_is_refused() {
    assertEquals(new News.Refused(Fault.WRONG_CONTEXT), pinned.meet(List.of(new TestUser(0xbb).record())));
  }
}
