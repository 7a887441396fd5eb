// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice;

import io.e2relay.keyservice.epoch.Author;
import io.e2relay.keyservice.epoch.Objection;
import io.e2relay.keyservice.grant.GrantPut;
import io.e2relay.keyservice.grant.Granting;
import io.e2relay.keyservice.grant.PostgresGrants;
import io.e2relay.keyservice.jobs.Holder;
import io.e2relay.keyservice.jobs.PostgresWrapJobs;
import io.e2relay.keyservice.jobs.WrapJobRules;
import io.e2relay.protocol.bus.wire.BadWrapCall;
import io.e2relay.protocol.bus.wire.DoneReply;
import io.e2relay.protocol.bus.wire.PutGrantCall;
import io.e2relay.protocol.bus.wire.TakeWrapJobsCall;
import io.e2relay.protocol.bus.wire.TakeWrapJobsReply;
import io.e2relay.protocol.error.ErrorCode;
import io.e2relay.protocol.id.ConversationId;
import io.e2relay.protocol.id.DeviceId;
import io.e2relay.protocol.id.Epoch;
import io.e2relay.protocol.id.TenantId;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.record.Fault;
import io.e2relay.protocol.record.Grant;
import io.e2relay.protocol.record.Reading;
import io.e2relay.protocol.wire.WrapJob;
import io.e2relay.protocol.wire.WrapJobs;

/// Answers to those who hold a conversation's key, and to those who lack it.
///
/// Every method waits for the database and so needs a thread that may.
final class JobAnswers {
  private final PostgresWrapJobs jobs;
  private final PostgresGrants grants;
  private final KeyNews news;

  JobAnswers(PostgresWrapJobs jobs, PostgresGrants grants, KeyNews news) {
    this.jobs = jobs;
    this.grants = grants;
    this.news = news;
  }

  TakeWrapJobsReply take(TakeWrapJobsCall call) {
    if (!Ask.ids(Uid.BYTES, call.getCaller()) || !Ask.ids(DeviceId.BYTES, call.getDeviceId())) {
      return Reply.jobs(ErrorCode.MALFORMED);
    }
    // Unsigned on the wire: what looks negative is very large.
    int limit = call.getLimit() <= 0 ? WrapJobRules.JOBS_MAX : Math.min(call.getLimit(), WrapJobRules.JOBS_MAX);
    WrapJobs.Builder answer = WrapJobs.newBuilder().setLeaseMs((int) WrapJobRules.LEASE_MS);
    jobs.take(new Holder(new Uid(call.getCaller()), new DeviceId(call.getDeviceId())), limit).forEach(
        job -> answer.addJobs(WrapJob.newBuilder().setConversationId(job.conversation().bytes()).setKind(job.kind())
            .setEpoch(job.epoch().value()).addAllUids(job.uids().stream().map(Uid::bytes).toList())));
    return TakeWrapJobsReply.newBuilder().setJobs(answer).build();
  }

  DoneReply put(PutGrantCall call) {
    if (!Ask.ids(TenantId.BYTES, call.getTenant()) || !Ask.ids(Uid.BYTES, call.getCaller())
        || !Ask.ids(DeviceId.BYTES, call.getDeviceId())) {
      return Reply.done(ErrorCode.MALFORMED);
    }
    Author by = new Author(new TenantId(call.getTenant()), new Uid(call.getCaller()), new DeviceId(call.getDeviceId()));
    return switch (Grant.read(call.getRequest().getGrant())) {
      case Reading.Read<Grant>(Grant grant) -> put(new GrantPut(by, grant, call.getRequest().getWrap()));
      case Reading.Unreadable<Grant>(Fault fault) -> Reply.done(fault);
    };
  }

  DoneReply badWrap(BadWrapCall call) {
    if (!Ask.about(call.getRequest().getConversationId(), call.getCaller()) || call.getRequest().getEpoch() < 1) {
      return Reply.done(ErrorCode.MALFORMED);
    }
    return switch (grants.ask(new Uid(call.getCaller()), new ConversationId(call.getRequest().getConversationId()),
        new Epoch(call.getRequest().getEpoch()))) {
      case Granting.Done _ -> {
        news.work();
        yield Reply.done();
      }
      case Granting.Before _ -> Reply.done();
      case Granting.Refused(Objection why) -> Reply.done(why);
    };
  }

  private DoneReply put(GrantPut put) {
    return switch (grants.put(put)) {
      case Granting.Done _,Granting.Before _ -> {
        // Also of one that was there before: whoever asks again got no answer, and perhaps nobody was told either.
        news.granted(put.grant().statement());
        yield Reply.done();
      }
      case Granting.Refused(Objection why) -> Reply.done(why);
    };
  }
}
