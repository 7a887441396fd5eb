// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.jobs;

import static io.e2relay.keyservice.jobs.WrapJobRules.LEASE_MS;
import static io.e2relay.protocol.wire.WrapJobKind.WRAP_JOB_KIND_ACTIVATE;
import static io.e2relay.protocol.wire.WrapJobKind.WRAP_JOB_KIND_GRANT;
import static io.e2relay.protocol.wire.WrapJobKind.WRAP_JOB_KIND_ROTATE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import com.google.protobuf.ByteString;
import io.e2relay.keyservice.jobs.WrapJobRules.Claim;
import io.e2relay.keyservice.membership.Named;
import io.e2relay.protocol.id.DeviceId;
import io.e2relay.protocol.id.Epoch;
import io.e2relay.protocol.id.Uid;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

final class WrapJobRulesTest {
  private static final long NOW = 1_000_000;
  private static final Holder PHONE = holder(1, 1);
  private static final Holder LAPTOP = holder(1, 2);
  private static final Holder OTHER = holder(2, 3);

  @Test
  void who_takes_a_free_job_has_it_for_ten_seconds() {
    assertEquals(new Lease(PHONE, NOW + 10_000), WrapJobRules.lease(null, PHONE, NOW));
  }

  @Test
  void nobody_else_has_a_job_while_its_lease_runs() {
    Lease lease = new Lease(PHONE, NOW + LEASE_MS);
    assertNull(WrapJobRules.lease(lease, OTHER, NOW + LEASE_MS - 1));
    assertNull(WrapJobRules.lease(lease, LAPTOP, NOW + LEASE_MS - 1));
    assertEquals(new Lease(OTHER, NOW + 2 * LEASE_MS), WrapJobRules.lease(lease, OTHER, NOW + LEASE_MS));
  }

  @Test
  void to_ask_again_makes_a_lease_no_longer() {
    Lease lease = new Lease(PHONE, NOW + LEASE_MS);
    assertEquals(lease, WrapJobRules.lease(lease, PHONE, NOW + LEASE_MS - 1));
    List<Claim> again = WrapJobRules.claim(List.of(new OpenJob(rotate(1), 3, lease)), PHONE, NOW + 1, 16);
    assertEquals(3, again.getFirst().taken());
    List<Claim> anew = WrapJobRules.claim(List.of(new OpenJob(rotate(1), 3, lease)), PHONE, NOW + LEASE_MS, 16);
    assertEquals(4, anew.getFirst().taken());
  }

  @Test
  void a_job_that_nobody_takes_is_offered_less_and_less_often() {
    assertEquals(List.of(20_000L, 40_000L, 80_000L, 160_000L, 300_000L, 300_000L), IntStream.rangeClosed(1, 6)
        .mapToLong(offered -> WrapJobRules.offeredAgainMs(offered, NOW) - NOW).boxed().toList());
    assertEquals(NOW + 300_000, WrapJobRules.offeredAgainMs(Integer.MAX_VALUE, NOW));
  }

  @Test
  void a_job_that_was_not_done_is_offered_when_its_lease_is_over_until_many_have_tried() {
    Lease lease = new Lease(PHONE, NOW + LEASE_MS);
    assertEquals(List.of(0L, 0L, 0L, 0L, 0L, 20_000L, 40_000L, 80_000L, 160_000L, 300_000L),
        IntStream.rangeClosed(1, 10).mapToLong(taken -> WrapJobRules.offeredAfterMs(taken, lease) - lease.untilMs())
            .boxed().toList());
  }

  @Test
  void nobody_takes_more_jobs_than_were_asked_for() {
    List<OpenJob> many = IntStream.range(0, 20).mapToObj(n -> free(rotate(n))).toList();
    assertEquals(16, WrapJobRules.claim(many, PHONE, NOW, 16).size());
    assertEquals(many.subList(0, 3), WrapJobRules.claim(many, PHONE, NOW, 3).stream().map(Claim::open).toList());
  }

  @Test
  void an_answer_names_no_more_users_than_fit_a_frame_but_for_its_first_job() {
    OpenJob large = free(activate(1, WrapJobRules.UIDS_MAX));
    OpenJob small = free(activate(2, 1));
    assertEquals(1, WrapJobRules.claim(List.of(large, small), PHONE, NOW, 16).size());
    OpenJob fitting = free(activate(1, WrapJobRules.UIDS_MAX - 1));
    assertEquals(2, WrapJobRules.claim(List.of(fitting, small), PHONE, NOW, 16).size());
    OpenJob beyond = free(activate(1, WrapJobRules.UIDS_MAX + 1));
    assertEquals(1, WrapJobRules.claim(List.of(beyond, small), PHONE, NOW, 16).size());
    assertEquals(List.of(small, free(rotate(3))),
        WrapJobRules.claim(List.of(small, large, free(rotate(3))), PHONE, NOW, 16).stream().map(Claim::open).toList());
  }

  @Test
  void what_somebody_else_is_at_is_left_out() {
    OpenJob taken = new OpenJob(rotate(1), 1, new Lease(OTHER, NOW + 1));
    assertEquals(List.of(free(rotate(2))),
        WrapJobRules.claim(List.of(taken, free(rotate(2))), PHONE, NOW, 16).stream().map(Claim::open).toList());
  }

  @Test
  void grants_of_one_epoch_are_one_job() {
    List<OpenJob> open = List.of(free(grant(1, 4, 7)), free(grant(1, 5, 7)), free(grant(2, 4, 7)),
        free(grant(1, 4, 8)));
    assertEquals(
        List.of(new WrapJob(Named.conversation(1), WRAP_JOB_KIND_GRANT, new Epoch(4), List.of(user(7), user(8))),
            grant(1, 5, 7), grant(2, 4, 7)),
        WrapJobRules.merged(WrapJobRules.claim(open, PHONE, NOW, 16)));
  }

  private static OpenJob free(WrapJob job) {
    return new OpenJob(job, 0, null);
  }

  private static WrapJob rotate(int conversation) {
    return new WrapJob(Named.conversation(conversation), WRAP_JOB_KIND_ROTATE, new Epoch(9), List.of());
  }

  private static WrapJob activate(int conversation, int users) {
    return new WrapJob(Named.conversation(conversation), WRAP_JOB_KIND_ACTIVATE, new Epoch(9),
        LongStream.range(0, users).mapToObj(WrapJobRulesTest::user).toList());
  }

  private static WrapJob grant(int conversation, long epoch, long user) {
    return new WrapJob(Named.conversation(conversation), WRAP_JOB_KIND_GRANT, new Epoch(epoch), List.of(user(user)));
  }

  private static Uid user(long n) {
    return new Uid(ByteString.copyFrom(java.nio.ByteBuffer.allocate(Uid.BYTES).putLong(n).array()));
  }

  private static Holder holder(int user, int device) {
    byte[] name = new byte[DeviceId.BYTES];
    name[0] = (byte) device;
    return new Holder(Named.user(user), new DeviceId(ByteString.copyFrom(name)));
  }
}
