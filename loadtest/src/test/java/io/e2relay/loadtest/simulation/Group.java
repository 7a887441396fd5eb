// SPDX-License-Identifier: Apache-2.0
package io.e2relay.loadtest.simulation;

import com.google.protobuf.ByteString;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/// The devices of one conversation, and how they find it: the first creates it when the others have told their uids.
final class Group {
  private final int members;
  private final ConcurrentLinkedQueue<ByteString> others = new ConcurrentLinkedQueue<>();
  private final AtomicInteger busy;
  private final AtomicLong lastSeq = new AtomicLong();
  private volatile ByteString conversation = ByteString.EMPTY;

  Group(int members) {
    this.members = members;
    this.busy = new AtomicInteger(members);
  }

  void present(ByteString uid) {
    others.add(uid);
  }

  boolean complete() {
    return others.size() >= members - 1;
  }

  List<ByteString> others() {
    return List.copyOf(others);
  }

  void created(ByteString id) {
    conversation = id;
  }

  boolean isCreated() {
    return !conversation.isEmpty();
  }

  ByteString conversation() {
    return conversation;
  }

  /// One member will send nothing more.
  void ends() {
    busy.decrementAndGet();
  }

  void acknowledged(long seq) {
    lastSeq.accumulateAndGet(seq, Math::max);
  }

  /// Nobody sends any more, and this is the place of the last message.
  boolean heardBy(long seen) {
    return busy.get() == 0 && seen >= lastSeq.get();
  }
}
