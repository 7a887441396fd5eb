// SPDX-License-Identifier: Apache-2.0
package io.e2relay.deploy.interop;

import static io.e2relay.deploy.interop.JavaSide.bytes;
import static io.e2relay.deploy.interop.JavaSide.hex;
import static io.e2relay.deploy.interop.JavaSide.random;
import static io.e2relay.deploy.interop.Operation.outcome;
import static java.util.Objects.requireNonNull;

import com.google.protobuf.ByteString;
import io.e2relay.client.crypto.ChainPlace;
import io.e2relay.client.crypto.Disclosure;
import io.e2relay.client.crypto.MessageMaker;
import io.e2relay.client.crypto.MessageOpening;
import io.e2relay.client.crypto.SelfSealing;
import io.e2relay.protocol.id.MsgId;
import io.e2relay.protocol.record.Envelope;
import io.e2relay.protocol.record.Fault;
import io.e2relay.protocol.record.Hash;
import io.e2relay.protocol.record.MessageType;
import io.e2relay.protocol.record.Reading;
import io.e2relay.protocol.record.SelfBlob;
import io.e2relay.protocol.record.SelfKind;
import io.e2relay.protocol.verify.DisclosureCheck;
import io.e2relay.protocol.verify.Verdict;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// Messages, what is shown of them, and what a user's devices tell each other.
final class MessageOperations {
  private static final List<SelfKind> KINDS = List.of(SelfKind.values());
  private static final int[] SIZES = {0, 1, 255, 256, 257, 65_532};

  private MessageOperations() {
  }

  private static String sha256(ByteString bytes) {
    return hex(Hash.of(bytes).bytes());
  }

  static final class Messages implements Operation {
    private final JavaSide me;
    private ChainPlace place = ChainPlace.FIRST;
    private JavaSide.@Nullable Joined joined;

    Messages(JavaSide me) {
      this.me = me;
    }

    @Override
    public JsonObject begin() {
      place = ChainPlace.FIRST;
      return me.handed(List.of(me.mine()));
    }

    @Override
    public One make(RandomGenerator random, int index) {
      MessageMaker maker = new MessageMaker(me.uid, me.keys, me.mine().record(), me.mine().key());
      MsgId id = MessageMaker.newId();
      MsgId target = new MsgId(random(16));
      long upTo = random.nextInt(1_000_000);
      long ttl = 3600L * random.nextInt(3);
      int any = random.nextInt(index % 20 == 0 ? 65_533 : 2000);
      ByteString content = random(index < SIZES.length ? SIZES[index] : any);
      int kind = index < SIZES.length ? 0 : random.nextInt(5);
      Envelope envelope = switch (kind) {
        case 0, 1 -> maker.content(place, id, ttl, content);
        case 2 -> maker.ephemeral(id, ttl, content);
        case 3 -> maker.tombstone(place, id, target);
        default -> maker.receipt(id, upTo);
      };
      if (envelope.header().type() == MessageType.CONTENT || envelope.header().type() == MessageType.TOMBSTONE) {
        place = ChainPlace.after(envelope);
      }
      String expected = kind < 3 ? sha256(content) : kind == 3 ? hex(target.bytes()) : Long.toString(upTo);
      return new One(new JsonObject().put("envelope", hex(envelope.bytes())), expected);
    }

    @Override
    public void receive(JsonObject shared) {
      joined = me.joined(shared);
    }

    @Override
    public String open(JsonObject item) {
      JavaSide.Joined in = requireNonNull(joined);
      return switch (Envelope.read(bytes(item.getString("envelope")))) {
        case Reading.Unreadable<Envelope>(Fault fault) -> fault.name();
        case Reading.Read<Envelope>(Envelope envelope) ->
          outcome(new MessageOpening(in.epoch(), in.key()).open(envelope, me.accounts()), MessageOperations::told);
      };
    }
  }

  private static String told(MessageOpening.Message message) {
    return switch (message) {
      case MessageOpening.Message.Content(ByteString content) -> sha256(content);
      case MessageOpening.Message.Ephemeral(ByteString content) -> sha256(content);
      case MessageOpening.Message.Tombstone(MsgId target) -> hex(target.bytes());
      case MessageOpening.Message.Receipt(long upTo) -> Long.toString(upTo);
    };
  }

  record Disclosures(JavaSide me) implements Operation {
    @Override
    public One make(RandomGenerator random, int index) {
      ByteString content = random(random.nextInt(500));
      Hash epochHash = me.mine().record().hash();
      Envelope envelope = new MessageMaker(me.uid, me.keys, me.mine().record(), me.mine().key())
          .content(ChainPlace.FIRST, MessageMaker.newId(), 0, content);
      Disclosure shown = Operation.value(Disclosure.of(me.mine().key(), epochHash, envelope));
      return new One(new JsonObject().put("envelope", hex(envelope.bytes())).put("epoch_hash", hex(epochHash.bytes()))
          .put("mk", hex(shown.reveal())), hex(content));
    }

    @Override
    public String open(JsonObject item) {
      Hash epochHash = new Hash(bytes(item.getString("epoch_hash")));
      ByteString mk = bytes(item.getString("mk"));
      return switch (Envelope.read(bytes(item.getString("envelope")))) {
        case Reading.Unreadable<Envelope>(Fault fault) -> fault.name();
        case Reading.Read<Envelope>(Envelope envelope) ->
          switch (DisclosureCheck.verify(envelope, epochHash, mk, me.otherPoint("dsk_pub"))) {
            case Verdict.Invalid(Fault fault) -> fault.name();
            case Verdict.Valid() -> outcome(Disclosure.received(mk).open(epochHash, envelope), JavaSide::hex);
          };
      };
    }
  }

  /// By my device in the other's account.
  record SelfBlobs(JavaSide me) implements Operation {
    @Override
    public One make(RandomGenerator random, int index) {
      int size = index == 0 ? 0 : index == 1 ? 262_140 : random.nextInt(2000);
      ByteString content = random(size);
      SelfKind kind = KINDS.get(random.nextInt(KINDS.size()));
      SelfBlob blob = new SelfSealing(me.otherAccount()).seal(me.keys, me.otherRecord().statement().aek(), kind,
          random.nextLong(1, 1_000_000_000), content);
      return new One(new JsonObject().put("blob", hex(blob.bytes())), sha256(content));
    }

    @Override
    public String open(JsonObject item) {
      return switch (SelfBlob.read(bytes(item.getString("blob")))) {
        case Reading.Unreadable<SelfBlob>(Fault fault) -> fault.name();
        case Reading.Read<SelfBlob>(SelfBlob blob) ->
          outcome(new SelfSealing(me.account).open(blob, me.record().statement(), List.of(me.aek), 0),
              MessageOperations::sha256);
      };
    }
  }
}
