// SPDX-License-Identifier: Apache-2.0
package io.e2relay.deploy.interop;

import static io.e2relay.deploy.interop.JavaSide.TENANT;
import static io.e2relay.deploy.interop.JavaSide.bytes;
import static io.e2relay.deploy.interop.JavaSide.hex;
import static io.e2relay.deploy.interop.JavaSide.random;
import static io.e2relay.deploy.interop.Operation.outcome;

import com.google.protobuf.ByteString;
import io.e2relay.client.crypto.AgreementKey;
import io.e2relay.client.crypto.DeviceLogin;
import io.e2relay.client.crypto.RecoveryCode;
import io.e2relay.client.crypto.SafetyNumber;
import io.e2relay.client.crypto.Sealing;
import io.e2relay.client.crypto.SigningKey;
import io.e2relay.client.crypto.SymmetricKey;
import io.e2relay.client.crypto.Wrapping;
import io.e2relay.protocol.id.ConversationId;
import io.e2relay.protocol.id.DeviceId;
import io.e2relay.protocol.id.Epoch;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.record.Fault;
import io.e2relay.protocol.record.Hash;
import io.e2relay.protocol.record.Labels;
import io.e2relay.protocol.record.Point;
import io.e2relay.protocol.record.Reading;
import io.e2relay.protocol.record.Signature;
import io.e2relay.protocol.verify.Signatures;
import io.vertx.core.json.JsonObject;
import java.util.Locale;
import java.util.random.RandomGenerator;

/// Wraps, signatures and what people compare.
final class PrimitiveOperations {
  private PrimitiveOperations() {
  }

  record Wraps(JavaSide me) implements Operation {
    @Override
    public One make(RandomGenerator random, int index) {
      SymmetricKey key = SymmetricKey.generate();
      ConversationId conversation = new ConversationId(random(32));
      long epoch = random.nextLong(1, 1_000_000);
      long generation = random.nextLong(1, 1000);
      Hash hash = new Hash(random(32));
      ByteString context = random(random.nextInt(300));
      ByteString content = random(random.nextInt(600));
      var what = new Wrapping.ConversationWrap(conversation, new Epoch(epoch), me.otherUid(), generation, hash);
      ByteString wrap = Wrapping.wrap(key, me.otherRecord().statement().aek(), what);
      return new One(new JsonObject().put("conversation", hex(conversation.bytes())).put("epoch", epoch)
          .put("generation", generation).put("hash", hex(hash.bytes())).put("wrap", hex(wrap))
          .put("context", hex(context)).put("sealed", hex(Sealing.seal(key, Sealing.Label.MESSAGE, context, content))),
          hex(content));
    }

    @Override
    public String open(JsonObject item) {
      var what = new Wrapping.ConversationWrap(new ConversationId(bytes(item.getString("conversation"))),
          new Epoch(item.getLong("epoch")), me.uid, item.getLong("generation"),
          new Hash(bytes(item.getString("hash"))));
      return switch (Wrapping.unwrap(me.aek, what, bytes(item.getString("wrap")))) {
        case Reading.Read<SymmetricKey>(SymmetricKey key) -> outcome(
            Sealing.open(key, Sealing.Label.MESSAGE, bytes(item.getString("context")), bytes(item.getString("sealed"))),
            JavaSide::hex);
        case Reading.Unreadable<SymmetricKey>(Fault fault) -> fault.name();
      };
    }
  }

  /// The user's key for a device.
  record Devices(JavaSide me) implements Operation {
    @Override
    public One make(RandomGenerator random, int index) {
      AgreementKey key = AgreementKey.generate();
      long generation = random.nextLong(1, 1000);
      Hash hash = new Hash(random(32));
      var what = new Wrapping.DeviceWrap(TENANT, me.uid, me.otherDevice(), generation, hash);
      String expected = hex(key.publicKey().bytes());
      return new One(wrapped(me.otherDevice(), hash, expected, Wrapping.wrap(key, me.otherPoint("dek_pub"), what))
          .put("generation", generation), expected);
    }

    @Override
    public String open(JsonObject item) {
      var what = new Wrapping.DeviceWrap(TENANT, me.otherUid(), new DeviceId(bytes(item.getString("device"))),
          item.getLong("generation"), new Hash(bytes(item.getString("hash"))));
      Point expected = new Point(bytes(item.getString("expected")));
      return outcome(Wrapping.unwrap(me.keys.agreement(), what, expected, bytes(item.getString("wrap"))),
          key -> hex(key.publicKey().bytes()));
    }
  }

  /// The account's root for a device.
  record Roots(JavaSide me) implements Operation {
    @Override
    public One make(RandomGenerator random, int index) {
      SigningKey key = SigningKey.generate();
      Hash hash = new Hash(random(32));
      var what = new Wrapping.AccountWrap(TENANT, me.uid, me.otherDevice(), hash);
      String expected = hex(key.publicKey().bytes());
      return new One(wrapped(me.otherDevice(), hash, expected, Wrapping.wrap(key, me.otherPoint("dek_pub"), what)),
          expected);
    }

    @Override
    public String open(JsonObject item) {
      var what = new Wrapping.AccountWrap(TENANT, me.otherUid(), new DeviceId(bytes(item.getString("device"))),
          new Hash(bytes(item.getString("hash"))));
      Point expected = new Point(bytes(item.getString("expected")));
      return outcome(Wrapping.unwrap(me.keys.agreement(), what, expected, bytes(item.getString("wrap"))),
          key -> hex(key.publicKey().bytes()));
    }
  }

  private static JsonObject wrapped(DeviceId device, Hash hash, String expected, ByteString wrap) {
    return new JsonObject().put("device", hex(device.bytes())).put("hash", hex(hash.bytes())).put("expected", expected)
        .put("wrap", hex(wrap));
  }

  record SignedBytes() implements Operation {
    @Override
    public One make(RandomGenerator random, int index) {
      SigningKey key = SigningKey.generate();
      String name = Labels.SIGNED.get(index % Labels.SIGNED.size());
      ByteString signed = random(random.nextInt(2000));
      return new One(new JsonObject().put("name", name).put("signed", hex(signed))
          .put("public", hex(key.publicKey().bytes())).put("signature", hex(key.sign(name, signed).bytes())), "signed");
    }

    @Override
    public String open(JsonObject item) {
      return verified(Signatures.verify(new Point(bytes(item.getString("public"))), item.getString("name"),
          bytes(item.getString("signed")), new Signature(bytes(item.getString("signature")))));
    }
  }

  private static String verified(boolean signed) {
    return signed ? "signed" : Fault.BAD_SIGNATURE.name();
  }

  record Logins(JavaSide me) implements Operation {
    @Override
    public One make(RandomGenerator random, int index) {
      ByteString nonce = random(DeviceLogin.NONCE_BYTES);
      String audience = "\u00e4\u20ac".repeat(random.nextInt(40));
      long ms = JavaSide.NOW_MS + random.nextInt(1_000_000);
      DeviceLogin login = new DeviceLogin(me.account, me.keys.device(), nonce, audience, ms);
      return new One(new JsonObject().put("nonce", hex(nonce)).put("audience", audience).put("ms", ms).put("signature",
          hex(login.sign(me.keys).bytes())), "signed");
    }

    @Override
    public String open(JsonObject item) {
      DeviceLogin login = new DeviceLogin(me.otherAccount(), me.otherDevice(), bytes(item.getString("nonce")),
          item.getString("audience"), item.getLong("ms"));
      return verified(login.isSignedBy(me.otherPoint("dsk_pub"), new Signature(bytes(item.getString("signature")))));
    }
  }

  record SafetyNumbers() implements Operation {
    @Override
    public One make(RandomGenerator random, int index) {
      JsonObject item = new JsonObject().put("uid", hex(random(16)))
          .put("ark_pub", hex(SigningKey.generate().publicKey().bytes())).put("other_uid", hex(random(16)))
          .put("other_ark_pub", hex(SigningKey.generate().publicKey().bytes()));
      return new One(item, open(item));
    }

    @Override
    public String open(JsonObject item) {
      return SafetyNumber.of(person(item, "uid", "ark_pub"), person(item, "other_uid", "other_ark_pub")).digits();
    }

    private static SafetyNumber.Person person(JsonObject item, String uid, String ark) {
      return new SafetyNumber.Person(new Uid(bytes(item.getString(uid))), new Point(bytes(item.getString(ark))));
    }
  }

  record RecoveryCodes() implements Operation {
    @Override
    public One make(RandomGenerator random, int index) {
      String text = RecoveryCode.generate().reveal();
      String typed = switch (random.nextInt(4)) {
        case 0 -> text;
        case 1 -> text.toLowerCase(Locale.ROOT);
        case 2 -> text.replace('-', ' ');
        default -> text.replace('0', 'o');
      };
      return new One(new JsonObject().put("text", typed), text);
    }

    @Override
    public String open(JsonObject item) {
      return outcome(RecoveryCode.read(item.getString("text")), RecoveryCode::reveal);
    }
  }
}
