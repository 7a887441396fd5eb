// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice;

import io.e2relay.keyservice.self.SelfBlobs;
import io.e2relay.protocol.bus.wire.DoneReply;
import io.e2relay.protocol.bus.wire.GetSelfCall;
import io.e2relay.protocol.bus.wire.GetSelfReply;
import io.e2relay.protocol.bus.wire.PutSelfCall;
import io.e2relay.protocol.error.ErrorCode;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.record.Fault;
import io.e2relay.protocol.record.Reading;
import io.e2relay.protocol.record.SelfBlob;
import java.util.Set;

/// Answers about what a user's devices tell each other.
///
/// Every method waits for the database and so needs a thread that may.
final class SelfAnswers {
  /// In one answer: more than the largest blob, and with its base64 less than a frame.
  static final int BYTES_MAX = 360 * 1024;

  private final SelfBlobs blobs;

  SelfAnswers(SelfBlobs blobs) {
    this.blobs = blobs;
  }

  DoneReply put(PutSelfCall call) {
    if (!Ask.ids(Uid.BYTES, call.getCaller())) {
      return Reply.done(ErrorCode.MALFORMED);
    }
    return switch (SelfBlob.read(call.getRequest().getBlob())) {
      case Reading.Read<SelfBlob>(SelfBlob blob) -> switch (blobs.put(new Uid(call.getCaller()), blob)) {
        case DONE -> Reply.done();
        case OLDER -> Reply.done(Fault.ROLLED_BACK);
      };
      case Reading.Unreadable<SelfBlob>(Fault fault) -> Reply.done(fault);
    };
  }

  GetSelfReply get(GetSelfCall call) {
    if (!Ask.ids(Uid.BYTES, call.getCaller())) {
      return Reply.selfBlobs(ErrorCode.MALFORMED);
    }
    SelfBlobs.Page page = blobs.get(new Uid(call.getCaller()), Set.copyOf(call.getKindsList()), BYTES_MAX);
    return GetSelfReply.newBuilder()
        .setBlobs(io.e2relay.protocol.wire.SelfBlobs.newBuilder().addAllBlobs(page.blobs()).setMore(page.more()))
        .build();
  }
}
