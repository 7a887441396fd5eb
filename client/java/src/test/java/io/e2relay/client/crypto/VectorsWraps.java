// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.crypto;

import static io.e2relay.client.crypto.VectorsCase.filled;
import static io.e2relay.client.crypto.VectorsCase.label;
import static io.e2relay.client.crypto.VectorsCase.number;
import static io.e2relay.client.crypto.VectorsCase.sha256;

import com.google.protobuf.ByteString;
import io.e2relay.client.crypto.Wrapping.AccountWrap;
import io.e2relay.client.crypto.Wrapping.ConversationWrap;
import io.e2relay.client.crypto.Wrapping.DeviceWrap;
import io.e2relay.client.crypto.Wrapping.SelfWrap;
import io.e2relay.protocol.id.ConversationId;
import io.e2relay.protocol.id.DeviceId;
import io.e2relay.protocol.id.Epoch;
import io.e2relay.protocol.id.TenantId;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.record.Fault;
import io.e2relay.protocol.record.Hash;
import io.e2relay.protocol.record.Point;
import io.e2relay.protocol.record.Reading;
import io.e2relay.protocol.record.SelfKind;
import java.util.function.Function;

/// wrap.json: the four wraps.
final class VectorsWraps {
  private static final VectorsKeys TO = VectorsKeys.ofSeed(filled(0x52, 32));
  private static final VectorsKeys EPHEMERAL = VectorsKeys.ofSeed(filled(0x45, 32));
  private static final VectorsKeys WRAPPED = VectorsKeys.of("wrapped");
  private static final ByteString KEY = filled(0x11, 32);
  private static final TenantId TENANT = new TenantId(filled(0x70, 16));
  private static final Uid USER = new Uid(filled(0xbb, 16));
  private static final DeviceId DEVICE = new DeviceId(filled(0xd1, 16));
  private static final Hash HASH = new Hash(filled(0xe0, 32));
  private static final ConversationId CONVERSATION = new ConversationId(filled(0xc0, 32));
  private static final ConversationWrap MEMBER = new ConversationWrap(CONVERSATION, new Epoch(7), USER, 3, HASH);

  /// A wrap as the file tells it: what it is for, and how it opens.
  private record Kind(VectorsCase what, ByteString info, ByteString aad, Function<ByteString, Reading<?>> outcome) {
  }

  private final VectorsFile file = new VectorsFile("wrap").given("recipient", TO).given("ephemeral", EPHEMERAL)
      .given("wrapped", WRAPPED);

  static VectorsFile file() {
    return new VectorsWraps().write();
  }

  private VectorsFile write() {
    positive("conversation key", conversation(MEMBER), KEY);
    positive("conversation key, greatest numbers",
        conversation(new ConversationWrap(CONVERSATION, new Epoch(0xffff_ffffL), USER, 0xffff_ffffL, HASH)), KEY);
    positive("conversation key, first of all",
        conversation(new ConversationWrap(CONVERSATION, new Epoch(1), USER, 1, HASH)), filled(1, 32));
    DeviceWrap device = new DeviceWrap(TENANT, USER, DEVICE, 2, HASH);
    positive("user's key for a device", device(device, WRAPPED.point()), WRAPPED.secret());
    AccountWrap account = new AccountWrap(TENANT, USER, DEVICE, HASH);
    positive("account's key for a device", account(account, WRAPPED.point()), WRAPPED.secret());
    positive("self", self(new SelfWrap(TENANT, USER, SelfKind.LABELS, 5)), KEY);
    positive("self, greatest counter", self(new SelfWrap(TENANT, USER, SelfKind.SETTINGS, (1L << 53) - 1)), KEY);
    others();
    mismatches(device, account);
    points();
    altered("conversation key", conversation(MEMBER), KEY);
    altered("user's key for a device", device(device, WRAPPED.point()), WRAPPED.secret());
    altered("self", self(new SelfWrap(TENANT, USER, SelfKind.LABELS, 5)), KEY);
    return file;
  }

  private static AgreementKey recipient() {
    return VectorsAccounts.value(AgreementKey.read(TO.secret(), TO.point()));
  }

  private static VectorsCase what(String kind) {
    return new VectorsCase(new java.util.LinkedHashMap<>(java.util.Map.of("kind", kind)));
  }

  private static Kind conversation(ConversationWrap w) {
    ByteString info = label("e2r/1/wrap").concat(w.conversation().bytes()).concat(number(4, w.epoch().value()))
        .concat(w.uid().bytes()).concat(number(4, w.aekGeneration())).concat(sha256(TO.pub()));
    return new Kind(
        what("conversation").with("conv_id", w.conversation().bytes()).with("epoch", w.epoch().value())
            .with("uid", w.uid().bytes()).with("aek_gen", w.aekGeneration()).with("hash", w.hash().bytes()),
        info, w.hash().bytes(), wrap -> Wrapping.unwrap(recipient(), w, wrap));
  }

  private static Kind device(DeviceWrap w, Point expected) {
    ByteString info = label("e2r/1/dev-wrap").concat(w.tenant().bytes()).concat(w.uid().bytes())
        .concat(w.device().bytes()).concat(number(4, w.aekGeneration())).concat(sha256(TO.pub()));
    return new Kind(
        what("device").with("tenant", w.tenant().bytes()).with("uid", w.uid().bytes())
            .with("device_id", w.device().bytes()).with("aek_gen", w.aekGeneration())
            .with("record_hash", w.recordHash().bytes()).with("expected", expected.bytes()),
        info, w.recordHash().bytes(), wrap -> Wrapping.unwrap(recipient(), w, expected, wrap));
  }

  private static Kind account(AccountWrap w, Point expected) {
    ByteString info = label("e2r/1/ark-wrap").concat(w.tenant().bytes()).concat(w.uid().bytes())
        .concat(w.device().bytes());
    return new Kind(
        what("account").with("tenant", w.tenant().bytes()).with("uid", w.uid().bytes())
            .with("device_id", w.device().bytes()).with("record_hash", w.recordHash().bytes())
            .with("expected", expected.bytes()),
        info, w.recordHash().bytes(), wrap -> Wrapping.unwrap(recipient(), w, expected, wrap));
  }

  private static Kind self(SelfWrap w) {
    ByteString info = label("e2r/1/self-wrap").concat(w.tenant().bytes()).concat(w.uid().bytes())
        .concat(number(1, w.kind().number())).concat(number(8, w.counter())).concat(sha256(TO.pub()));
    return new Kind(
        what("self").with("tenant", w.tenant().bytes()).with("uid", w.uid().bytes())
            .with("self_kind", w.kind().number()).with("counter", w.counter()),
        info, ByteString.EMPTY, wrap -> Wrapping.unwrap(recipient(), w, wrap));
  }

  private static ByteString made(Kind kind, ByteString plaintext) {
    return VectorsCrypto.wrap(TO.pub(), kind.info(), kind.aad(), plaintext, EPHEMERAL);
  }

  private void positive(String name, Kind kind, ByteString plaintext) {
    ByteString wrap = made(kind, plaintext);
    VectorsSeals.same(wrap, Hpke.wrap(VectorsGiven.pair(EPHEMERAL), TO.point(), kind.info(), kind.aad(), plaintext));
    VectorsAccounts.value(kind.outcome().apply(wrap));
    file.positive(VectorsCase.named(name).with("what", kind.what()).with("info", kind.info()).with("aad", kind.aad())
        .with("plaintext", plaintext).with("wrap", wrap));
  }

  private void refused(String name, Kind kind, ByteString wrap, Fault fault) {
    file.negative(VectorsCase.named(name).with("what", kind.what()).with("wrap", wrap), fault,
        kind.outcome().apply(wrap));
  }

  private void refused(String name, Kind kind, ByteString wrap) {
    refused(name, kind, wrap, Fault.CANNOT_OPEN);
  }

  private void others() {
    ByteString wrap = made(conversation(MEMBER), KEY);
    refused("another conversation",
        conversation(new ConversationWrap(new ConversationId(filled(0xc1, 32)), new Epoch(7), USER, 3, HASH)), wrap);
    refused("another epoch", conversation(new ConversationWrap(CONVERSATION, new Epoch(8), USER, 3, HASH)), wrap);
    refused("another user",
        conversation(new ConversationWrap(CONVERSATION, new Epoch(7), new Uid(filled(0xba, 16)), 3, HASH)), wrap);
    refused("another generation", conversation(new ConversationWrap(CONVERSATION, new Epoch(7), USER, 4, HASH)), wrap);
    refused("another epoch_hash",
        conversation(new ConversationWrap(CONVERSATION, new Epoch(7), USER, 3, new Hash(filled(0xe1, 32)))), wrap);
    Kind own = conversation(MEMBER);
    refused("for another recipient", own,
        VectorsCrypto.wrap(VectorsKeys.of("another").pub(), own.info(), own.aad(), KEY, EPHEMERAL));
    refused("as a self wrap", self(new SelfWrap(TENANT, USER, SelfKind.LABELS, 5)), wrap);
    refused("self wrap of another kind", self(new SelfWrap(TENANT, USER, SelfKind.HEADS, 5)),
        made(self(new SelfWrap(TENANT, USER, SelfKind.LABELS, 5)), KEY));
    refused("self wrap of another counter", self(new SelfWrap(TENANT, USER, SelfKind.LABELS, 6)),
        made(self(new SelfWrap(TENANT, USER, SelfKind.LABELS, 5)), KEY));
    refused("a byte behind", own, wrap.concat(filled(0, 1)));
    refused("no bytes", own, ByteString.EMPTY);
    refused("key of 31 bytes", own, made(own, filled(0x11, 31)));
    refused("key of 33 bytes", own, made(own, filled(0x11, 33)));
    refused("key of zeros", own, made(own, filled(0, 32)));
    refused("nothing wrapped", own, made(own, ByteString.EMPTY));
  }

  private void mismatches(DeviceWrap what, AccountWrap root) {
    Kind device = device(what, WRAPPED.point());
    Kind account = account(root, WRAPPED.point());
    VectorsKeys other = VectorsKeys.of("another");
    ByteString point = WRAPPED.secret().substring(32);
    ByteString order = VectorsCase.bytes("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551");
    for (Kind kind : java.util.List.of(device, account)) {
      String of = kind.equals(device) ? "user's key: " : "account's key: ";
      refused(of + "another pair", kind, made(kind, other.secret()), Fault.KEY_MISMATCH);
      refused(of + "d of another pair", kind, made(kind, other.d().concat(point)), Fault.KEY_MISMATCH);
      refused(of + "point of another pair", kind, made(kind, WRAPPED.d().concat(other.secret().substring(32))),
          Fault.KEY_MISMATCH);
      refused(of + "d is 0", kind, made(kind, filled(0, 32).concat(point)), Fault.KEY_MISMATCH);
      refused(of + "d is the order", kind, made(kind, order.concat(point)), Fault.KEY_MISMATCH);
      refused(of + "d is 2^256 - 1", kind, made(kind, filled(0xff, 32).concat(point)), Fault.KEY_MISMATCH);
      refused(of + "32 bytes", kind, made(kind, WRAPPED.d()));
    }
    refused("user's key for another device",
        device(new DeviceWrap(TENANT, USER, new DeviceId(filled(0xd2, 16)), 2, HASH), WRAPPED.point()),
        made(device, WRAPPED.secret()));
    refused("user's key as the account's", account, made(device, WRAPPED.secret()));
    refused("user's key of another record",
        device(new DeviceWrap(TENANT, USER, DEVICE, 2, new Hash(filled(0xe1, 32))), WRAPPED.point()),
        made(device, WRAPPED.secret()));
    refused("user's key of another tenant",
        device(new DeviceWrap(new TenantId(filled(0x71, 16)), USER, DEVICE, 2, HASH), WRAPPED.point()),
        made(device, WRAPPED.secret()));
  }

  /// The first 65 bytes are a point too.
  private void points() {
    Kind own = conversation(MEMBER);
    ByteString wrap = made(own, KEY);
    VectorsPoints.bad().forEach((name, bad) -> refused("enc " + name, own, bad.point().concat(wrap.substring(65))));
    ByteString compressed = filled(2 + (EPHEMERAL.pub().byteAt(64) & 1), 1).concat(EPHEMERAL.pub().substring(1, 33));
    refused("enc in 33 bytes", own, compressed.concat(wrap.substring(65)));
  }

  private void altered(String name, Kind kind, ByteString plaintext) {
    ByteString wrap = made(kind, plaintext);
    file.altered(VectorsCase.named(name).with("what", kind.what()).with("bytes", wrap), wrap, kind.outcome());
  }
}
