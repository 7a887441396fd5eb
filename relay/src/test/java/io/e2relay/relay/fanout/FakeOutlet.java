// SPDX-License-Identifier: Apache-2.0
package io.e2relay.relay.fanout;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.bus.wire.UserState;
import io.e2relay.protocol.frame.Subprotocol;
import io.e2relay.protocol.wire.ServerFrame;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.LongStream;

/// A client that keeps what it gets, or does not read; checks that nothing is pushed to it then.
final class FakeOutlet implements Outlet {
  final List<ServerFrame> frames = new ArrayList<>();
  final List<ByteString> removed = new ArrayList<>();
  final Map<ByteString, Long> accounts = new LinkedHashMap<>();
  /// The device that the client proved to be; empty for none.
  ByteString proven = ByteString.EMPTY;
  final Map<ByteString, Long> ready = new LinkedHashMap<>();
  final List<ByteString> jobs = new ArrayList<>();
  final List<Long> versions = new ArrayList<>();
  final List<UserState> states = new ArrayList<>();
  private final Subprotocol subprotocol;
  private final Consumer<ServerFrame> watcher;
  private int room = Integer.MAX_VALUE;

  FakeOutlet(Subprotocol subprotocol) {
    this(subprotocol, _ -> {
    });
  }

  FakeOutlet(Subprotocol subprotocol, Consumer<ServerFrame> watcher) {
    this.subprotocol = subprotocol;
    this.watcher = watcher;
  }

  /// So many frames more may be pushed.
  void room(int frames) {
    room = frames;
  }

  @Override
  public Subprotocol subprotocol() {
    return subprotocol;
  }

  @Override
  public boolean writable() {
    return room > 0;
  }

  @Override
  public void push(LiveEntry entry) {
    entry.bytes(subprotocol).release();
    keep(entry.frame());
  }

  @Override
  public void push(ServerFrame frame) {
    keep(frame);
  }

  @Override
  public void removed(ByteString conversation) {
    removed.add(conversation);
  }

  @Override
  public void changed(ByteString conversation, long userVersion) {
    versions.add(userVersion);
  }

  @Override
  public boolean devices(Set<ByteString> devices) {
    return !proven.isEmpty() && !devices.contains(proven);
  }

  @Override
  public void stands(UserState state) {
    states.add(state);
  }

  @Override
  public void accountChanged(ByteString uid, long seq) {
    accounts.put(uid, seq);
  }

  @Override
  public void memberReady(ByteString conversation, long epoch) {
    ready.put(conversation, epoch);
  }

  @Override
  public void jobsWaiting(ByteString conversation) {
    jobs.add(conversation);
  }

  /// The seqs of what came, in the order in which it came.
  List<Long> seqs() {
    return frames.stream().flatMapToLong(FakeOutlet::seqs).boxed().toList();
  }

  boolean isCaughtUp() {
    return frames.stream().anyMatch(ServerFrame::hasCaughtUp);
  }

  private static LongStream seqs(ServerFrame frame) {
    return switch (frame.getBodyCase()) {
      case MESSAGE -> LongStream.of(frame.getMessage().getSeq());
      case CONTROL -> LongStream.of(frame.getControl().getSeq());
      case GAP -> LongStream.rangeClosed(frame.getGap().getFromSeq(), frame.getGap().getToSeq());
      case ERROR, DONE, CHALLENGE, WELCOME, TOKEN_REFRESHED, CONVERSATION, CONVERSATION_PAGE, SENT, PAGE, SUBSCRIBED,
          ACCOUNTS, DEVICE_WRAPS, BACKUP_TERMS, BACKUP, SELF_BLOBS, EPOCH_PUT, EPOCHS, WRAPS, WRAP_JOBS, MEMBER_READY,
          WRAP_JOBS_WAITING, ACCOUNT_CHANGED, CAUGHT_UP, MEMBER_REMOVED, CONVERSATION_CHANGED, DRAINING, BODY_NOT_SET ->
        LongStream.empty();
    };
  }

  private void keep(ServerFrame frame) {
    if (room <= 0 && !frame.hasCaughtUp()) {
      throw new AssertionError("pushed to a client that does not read");
    }
    room--;
    frames.add(frame);
    watcher.accept(frame);
  }
}
