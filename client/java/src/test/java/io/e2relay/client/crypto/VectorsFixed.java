// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.crypto;

import static io.e2relay.client.crypto.VectorsCase.bytes;
import static io.e2relay.client.crypto.VectorsCase.filled;
import static io.e2relay.client.crypto.VectorsCase.number;
import static io.e2relay.client.crypto.VectorsCase.sha256;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.id.ConversationId;
import io.e2relay.protocol.id.DeviceId;
import io.e2relay.protocol.id.Epoch;
import io.e2relay.protocol.id.MsgId;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.record.Envelope;
import io.e2relay.protocol.record.Hash;
import io.e2relay.protocol.record.KdfParameters;
import io.e2relay.protocol.record.MessageHeader;
import io.e2relay.protocol.record.MessageType;
import io.e2relay.protocol.record.Padding;
import io.e2relay.protocol.record.Point;
import io.e2relay.protocol.record.Signature;
import io.e2relay.protocol.verify.KeyCommitment;
import io.e2relay.protocol.verify.Signatures;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;

/// fixed.json, which was written by hand before the code: no program writes it.
final class VectorsFixed {
  private final JsonObject file;
  private final ConversationId conversation;
  private final Epoch epoch;
  private final Hash epochHash;
  private final SymmetricKey key;

  private VectorsFixed(JsonObject file) {
    this.file = file;
    this.conversation = new ConversationId(part("given", "conv_id"));
    this.epoch = new Epoch(count("given", "epoch"));
    this.epochHash = new Hash(part("given", "epoch_hash"));
    this.key = SymmetricKey.of(part("given", "k_e"));
  }

  /// How many groups of values it compared.
  static int check(String text) {
    VectorsFixed fixed = new VectorsFixed(new JsonObject(text));
    fixed.commitment();
    fixed.message();
    fixed.seals();
    fixed.backup();
    fixed.wrap();
    return 6;
  }

  private ByteString part(String group, String field) {
    return switch (file.getJsonObject(group).getValue(field)) {
      case String hex -> bytes(hex);
      case JsonObject repeated ->
        filled(Integer.parseInt(repeated.getString("repeat"), 16), repeated.getInteger("times"));
      default -> throw new IllegalArgumentException(group + "." + field);
    };
  }

  private int count(String group, String field) {
    return file.getJsonObject(group).getInteger(field);
  }

  private void same(String group, String field, ByteString actual) {
    VectorsSeals.same(part(group, field), actual);
  }

  private void same(String group, String field, int actual) {
    if (count(group, field) != actual) {
      throw new AssertionError(group + "." + field + " is " + actual);
    }
  }

  private void commitment() {
    same("commitment", "kc", KeyCommitment.of(key.toByteString(), conversation, epoch).bytes());
  }

  private void message() {
    String at = "message";
    ByteString header = new MessageHeader(MessageType.CONTENT, conversation, epoch, new Uid(part(at, "uid")),
        new DeviceId(part(at, "device_id")), new MsgId(part(at, "msg_id")), count(at, "seq"),
        new Hash(part(at, "prev")), count(at, "ttl_s")).bytes();
    same(at, "header_sha256", sha256(header));
    ByteString text = ByteString.copyFrom(file.getJsonObject(at).getString("content_text"), StandardCharsets.UTF_8);
    ByteString padded = PaddedContent.pad(number(2, count(at, "content_kind")).concat(text), Padding.MESSAGE_MAX);
    same(at, "padded_size", padded.size());
    ByteString context = epochHash.bytes().concat(header);
    ByteString mk = Sealing.onceKey(key, Sealing.Label.MESSAGE, context, part(at, "salt"));
    same(at, "mk", mk);
    ByteString parts = VectorsCrypto.hkdf(mk, ByteString.EMPTY, VectorsCase.label("e2r/1/aead"), 76);
    same(at, "com", parts.substring(0, 32));
    same(at, "key", parts.substring(32, 64));
    same(at, "nonce", parts.substring(64));
    ByteString body = Sealing.seal(VectorsGiven.bytes(part(at, "salt")), key, Sealing.Label.MESSAGE, context, padded);
    same(at, "ct_length", body.size() - 64);
    same(at, "ct_sha256", sha256(body.substring(64)));
    ByteString hash = sha256(header.concat(body));
    same(at, "header_body_sha256", hash);
    same(at, "wire_length", header.size() + body.size() + Signature.BYTES);
    Point dsk = new Point(part(at, "dsk_pub"));
    ByteString signed = epochHash.bytes().concat(hash);
    Signature signature = new Signature(part(at, "sig"));
    if (!Signatures.verify(dsk, "msg", signed, signature)
        || !Signatures.verify(dsk, "msg", signed, VectorsAccounts.otherForm(signature))) {
      throw new AssertionError("the signature, in both of its forms");
    }
    if (body.size() != Envelope.SEAL_BYTES + padded.size()) {
      throw new AssertionError("the body has " + body.size() + " bytes");
    }
  }

  private void seals() {
    ByteString fileContext = conversation.bytes().concat(number(4, epoch.value())).concat(part("filekey", "file_id"));
    same("filekey", "com_ct", Sealing.seal(VectorsGiven.bytes(part("filekey", "salt")), key, Sealing.Label.FILE_KEY,
        fileContext, part("filekey", "fk")).substring(32));
    ByteString linkContext = conversation.bytes().concat(number(4, count("hist", "previous_epoch")));
    same("hist", "com_ct", Sealing.seal(VectorsGiven.bytes(part("hist", "salt")), key, Sealing.Label.HISTORY,
        linkContext, part("hist", "k_previous")).substring(32));
  }

  private void backup() {
    DerivedPassword password = DerivedPassword.of(file.getJsonObject("backup").getString("password"),
        new KdfParameters(count("backup", "iterations"), part("backup", "salt")), new Uid(part("backup", "uid")));
    same("backup", "pw_root", password.root());
    same("backup", "auth", password.auth());
  }

  private void wrap() {
    VectorsKeys recipient = VectorsKeys.ofSeed(part("wrap", "recipient_seed"));
    VectorsKeys ephemeral = VectorsKeys.ofSeed(part("wrap", "ephemeral_seed"));
    same("wrap", "recipient_private", recipient.d());
    same("wrap", "recipient_public_sha256", sha256(recipient.pub()));
    Wrapping.ConversationWrap what = new Wrapping.ConversationWrap(conversation, epoch, new Uid(part("wrap", "uid")),
        count("wrap", "aek_gen"), epochHash);
    VectorsSeals.same(part("wrap", "enc").concat(part("wrap", "ct")),
        Wrapping.wrap(VectorsGiven.pair(ephemeral), key, recipient.point(), what));
  }
}
