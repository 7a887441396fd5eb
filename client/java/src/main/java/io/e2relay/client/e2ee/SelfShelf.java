// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.e2ee;

import com.google.protobuf.ByteString;
import io.e2relay.client.RefusedException;
import io.e2relay.client.crypto.DeviceKeys;
import io.e2relay.client.crypto.SelfSealing;
import io.e2relay.protocol.error.ErrorCode;
import io.e2relay.protocol.record.AccountStatement;
import io.e2relay.protocol.record.Fault;
import io.e2relay.protocol.record.Hash;
import io.e2relay.protocol.record.Heads;
import io.e2relay.protocol.record.Reading;
import io.e2relay.protocol.record.SelfBlob;
import io.e2relay.protocol.record.SelfKind;
import io.e2relay.protocol.wire.ClientFrame;
import io.e2relay.protocol.wire.GetSelf;
import io.e2relay.protocol.wire.PutSelf;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/// What the user's devices tell each other through the service, sealed. What this device has once read it keeps, and
/// gives it up for something newer only, written by a device that is in the account.
final class SelfShelf {
  private static final int TRIES = 5;

  private final Service service;
  private final Identity identity;
  private final OwnChain chain;
  private final Vault vault;
  private final AlarmBell bell;
  private final SelfSealing sealing;

  SelfShelf(Service service, Identity identity, OwnChain chain, Vault vault, AlarmBell bell) {
    this.service = service;
    this.identity = identity;
    this.chain = chain;
    this.vault = vault;
    this.bell = bell;
    this.sealing = new SelfSealing(chain.owner());
  }

  /// What is remembered: under which number, the hash of the blob, and what was in it, which reads well.
  private record Kept(long counter, Hash hash, ByteString content) {
    static final Kept NOTHING = new Kept(0, Hash.NONE, ByteString.EMPTY);
  }

  /// As this device knows it.
  SelfEntries entries(SelfKind kind) {
    return SelfEntries.stored(kept(kind).content());
  }

  /// As this device knows it; nothing as long as there was none.
  Optional<ByteString> content(SelfKind kind) {
    Kept kept = kept(kind);
    return kept.counter() > 0 ? Optional.of(kept.content()) : Optional.empty();
  }

  /// Looks for something newer; the answer is the highest number that is taken.
  synchronized long look(SelfKind kind) {
    Kept kept = kept(kind);
    List<ByteString> blobs = service
        .ask(ClientFrame.newBuilder().setGetSelf(GetSelf.newBuilder().addKinds(kind.number()))).getSelfBlobs()
        .getBlobsList();
    if (blobs.isEmpty()) {
      if (kept.counter() > 0) {
        refuse(kind, Fault.ROLLED_BACK);
      }
      return kept.counter();
    }
    return switch (SelfBlob.read(blobs.getFirst())) {
      case Reading.Unreadable<SelfBlob>(Fault fault) -> refused(kind, fault, kept.counter());
      case Reading.Read<SelfBlob>(SelfBlob blob) when blob.kind() != kind ->
        refused(kind, Fault.WRONG_CONTEXT, kept.counter());
      case Reading.Read<SelfBlob>(SelfBlob blob) -> look(kind, blob, kept);
    };
  }

  /// Changes one entry for all devices of the user, and returns when the service has it.
  void change(SelfKind kind, ByteString id, Optional<ByteString> value) {
    change(kind, () -> entries(kind).with(id, value).bytes());
  }

  /// Puts in the place of what is newest what is made of it, and returns when the service has it.
  synchronized void change(SelfKind kind, Supplier<ByteString> made) {
    for (int i = 0; i < TRIES; i++) {
      long taken = look(kind);
      if (put(kind, taken + 1, made.get())) {
        return;
      }
    }
    throw new IllegalStateException("others change the same again and again");
  }

  /// For the newest key: a device that was put out cannot open what comes, nor is what it wrote believed any more.
  synchronized void sealAnew() {
    for (SelfKind kind : List.of(SelfKind.HEADS, SelfKind.VERIFIED, SelfKind.LABELS)) {
      Kept kept = kept(kind);
      if (kept.counter() > 0) {
        // If another device was first, it has sealed it for the newest key too.
        put(kind, kept.counter() + 1, kept.content());
      }
    }
  }

  private long look(SelfKind kind, SelfBlob blob, Kept kept) {
    Hash hash = Hash.of(blob.bytes());
    if (blob.counter() == kept.counter()) {
      return hash.equals(kept.hash()) ? kept.counter() : refused(kind, Fault.FORKED, kept.counter());
    }
    DeviceKeys keys = identity.keys();
    AccountStatement mine = chain.statement();
    Reading<ByteString> opened = sealing.open(blob, mine, keys.generations().values(), kept.counter());
    return switch (opened) {
      case Reading.Unreadable<ByteString>(Fault fault) -> {
        refuse(kind, fault);
        yield Math.max(blob.counter(), kept.counter());
      }
      case Reading.Read<ByteString>(ByteString content) -> switch (readable(kind, content)) {
        case Reading.Unreadable<?>(Fault fault) -> refused(kind, fault, blob.counter());
        case Reading.Read<?> _ -> {
          keep(kind, new Kept(blob.counter(), hash, content));
          yield blob.counter();
        }
      };
    };
  }

  private static Reading<?> readable(SelfKind kind, ByteString content) {
    return switch (kind) {
      case HEADS -> Heads.read(content);
      case VERIFIED, LABELS, SETTINGS -> SelfEntries.read(content);
    };
  }

  private boolean put(SelfKind kind, long counter, ByteString content) {
    SelfBlob blob = sealing.seal(identity.keys(), chain.statement().aek(), kind, counter, content);
    try {
      service.ask(ClientFrame.newBuilder().setPutSelf(PutSelf.newBuilder().setBlob(blob.bytes())));
    } catch (RefusedException e) {
      if (e.code() == ErrorCode.RECORD_REFUSED.number() && e.fault().equals(Fault.ROLLED_BACK.name())) {
        return false;
      }
      throw e;
    }
    keep(kind, new Kept(counter, Hash.of(blob.bytes()), content));
    return true;
  }

  private long refused(SelfKind kind, Fault fault, long counter) {
    refuse(kind, fault);
    return counter;
  }

  private void refuse(SelfKind kind, Fault fault) {
    bell.raise(new Alarm.SelfRefused(chain.owner().uid(), kind, fault));
  }

  private Kept kept(SelfKind kind) {
    return vault.get(key(kind)).map(Packed::values)
        .map(fields -> new Kept(Packed.number(fields.getFirst()), new Hash(fields.get(1)), fields.getLast()))
        .orElse(Kept.NOTHING);
  }

  private void keep(SelfKind kind, Kept kept) {
    vault.write(
        Map.of(key(kind), Optional.of(Packed.of(Packed.number(kept.counter()), kept.hash().bytes(), kept.content()))));
  }

  private static String key(SelfKind kind) {
    return "account/self/" + kind.number();
  }
}
