// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.fuzz;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import io.e2relay.keyservice.schedule.Citizen;
import io.e2relay.protocol.record.AccountRecord;
import io.e2relay.protocol.record.Reading;
import io.e2relay.protocol.record.Signature;
import io.e2relay.protocol.wire.ClientFrame;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;

/// Spoils requests: the frame's bytes, its fields, its records' bytes, or a record that is signed again afterwards by
/// whose it is.
final class Spoiler {
  /// What was done.
  enum Way {
    FRAME, FIELD, RECORD, OTHER_CALLER, MIRRORED, RESIGNED
  }

  /// @param frame bytes as they would come through a socket
  record Spoilt(Way way, Citizen by, ByteString frame) {
  }

  private static final int PERCENT_RESIGNED = 5;
  private static final BigInteger ORDER = new BigInteger(
      "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551", 16);
  private static final Map<String, String> LABELS = Map.of("genesis", "genesis", "grant", "grant");

  private final RandomGenerator random;
  private final List<Honest> all;

  Spoiler(RandomGenerator random, List<Honest> all) {
    this.random = random;
    this.all = all;
  }

  Spoilt spoil(Honest honest) {
    int dice = random.nextInt(100);
    if (dice < PERCENT_RESIGNED) {
      return new Spoilt(Way.RESIGNED, honest.by(), changed(honest, Way.RESIGNED).toByteString());
    }
    if (dice < PERCENT_RESIGNED + 1) {
      return new Spoilt(Way.MIRRORED, honest.by(), changed(honest, Way.MIRRORED).toByteString());
    }
    if (dice < PERCENT_RESIGNED + 3) {
      return new Spoilt(Way.OTHER_CALLER, other().by(), honest.frame().toByteString());
    }
    if (dice < 40) {
      return new Spoilt(Way.FRAME, honest.by(), frame(honest.frame().toByteString()));
    }
    return dice < 55
        ? new Spoilt(Way.FIELD, honest.by(), field(honest).toByteString())
        : new Spoilt(Way.RECORD, honest.by(), changed(honest, Way.RECORD).toByteString());
  }

  private Honest other() {
    return all.get(random.nextInt(all.size()));
  }

  private ByteString frame(ByteString bytes) {
    ByteString spoilt = bytes(bytes);
    return random.nextInt(3) == 0 ? bytes(spoilt) : spoilt;
  }

  /// A field of the request, as if its maker had got it wrong.
  private ClientFrame field(Honest honest) {
    Message.Builder body = body(honest.frame());
    List<FieldDescriptor> fields = body.getDescriptorForType().getFields();
    FieldDescriptor field = fields.get(random.nextInt(fields.size()));
    if (field.isRepeated()) {
      body.setField(field, list(strings(body, field)));
    } else {
      switch (field.getJavaType()) {
        case BYTE_STRING ->
          body.setField(field, random.nextBoolean() ? someRecord() : bytes((ByteString) body.getField(field)));
        case LONG -> body.setField(field, random.nextBoolean() ? random.nextLong() : (long) random.nextInt(4));
        case INT -> body.setField(field, random.nextInt());
        case BOOLEAN -> body.setField(field, !(Boolean) body.getField(field));
        case ENUM -> body.setField(field, field.getEnumType().findValueByNumberCreatingIfUnknown(random.nextInt(5)));
        case STRING, MESSAGE, FLOAT, DOUBLE -> throw new IllegalStateException("no request here has " + field);
      }
    }
    return with(honest.frame(), body);
  }

  private static List<ByteString> strings(Message.Builder body, FieldDescriptor field) {
    List<ByteString> strings = new ArrayList<>();
    for (int i = 0; i < body.getRepeatedFieldCount(field); i++) {
      strings.add((ByteString) body.getRepeatedField(field, i));
    }
    return strings;
  }

  private List<ByteString> list(List<ByteString> strings) {
    int at = strings.isEmpty() ? 0 : random.nextInt(strings.size());
    if (strings.isEmpty()) {
      strings.add(someRecord());
      return strings;
    }
    switch (random.nextInt(5)) {
      case 0 -> strings.remove(at);
      case 1 -> strings.add(strings.get(at));
      case 2 -> strings.set(at, bytes(strings.get(at)));
      case 3 -> strings.set(at, someRecord());
      default -> strings.clear();
    }
    return strings;
  }

  /// A field of another request, whole.
  private ByteString someRecord() {
    List<ByteString> records = Records.of(other().frame());
    return records.isEmpty() ? chance(16) : records.get(random.nextInt(records.size()));
  }

  private ClientFrame changed(Honest honest, Way way) {
    Message.Builder body = body(honest.frame());
    List<FieldDescriptor> fields = Records.fields(body.build());
    if (fields.isEmpty()) {
      return field(honest);
    }
    FieldDescriptor field = fields.get(random.nextInt(fields.size()));
    ByteString record = (ByteString) body.getField(field);
    body.setField(field, switch (way) {
      case RESIGNED -> resigned(honest, field, record);
      case MIRRORED -> mirrored(honest, record);
      case RECORD -> random.nextInt(8) == 0 ? spliced(record, someRecord()) : bytes(record);
      case FRAME, FIELD, OTHER_CALLER -> throw new IllegalStateException("not of a record");
    });
    return with(honest.frame(), body);
  }

  /// Something else said, and signed with the right key.
  private ByteString resigned(Honest honest, FieldDescriptor field, ByteString record) {
    if (honest.frame().hasPutBackup() || honest.frame().hasPutSelf()) {
      return edited(record);
    }
    if (!honest.frame().hasPutAccount()) {
      ByteString tbs = edited(record.substring(0, record.size() - Signature.BYTES));
      return tbs.concat(honest.by().sign(LABELS.getOrDefault(field.getName(), "epoch"), tbs).bytes());
    }
    AccountRecord account = account(record);
    int length = account.statement().tbs().size();
    ByteString tbs = edited(record.substring(0, length));
    return tbs.concat(honest.by().signAsRoot(account, tbs).bytes()).concat(record.substring(length + Signature.BYTES));
  }

  /// The other of the two signatures that say the same.
  private static ByteString mirrored(Honest honest, ByteString record) {
    if (honest.frame().hasPutBackup() || honest.frame().hasPutSelf()) {
      return record;
    }
    int at = honest.frame().hasPutAccount()
        ? account(record).statement().tbs().size()
        : record.size() - Signature.BYTES;
    int half = Signature.BYTES / 2;
    BigInteger s = new BigInteger(1, record.substring(at + half, at + Signature.BYTES).toByteArray());
    String hex = ORDER.subtract(s).toString(16);
    ByteString other = ByteString.fromHex("0".repeat(Signature.BYTES - hex.length()) + hex);
    return record.substring(0, at + half).concat(other).concat(record.substring(at + Signature.BYTES));
  }

  private static AccountRecord account(ByteString record) {
    return ((Reading.Read<AccountRecord>) AccountRecord.read(record)).value();
  }

  /// Of the same length mostly, so that it is read to its end.
  private ByteString edited(ByteString bytes) {
    int at = random.nextInt(bytes.size());
    return switch (random.nextInt(6)) {
      case 0, 1 -> flipped(bytes, at, 1 << random.nextInt(8));
      // Small numbers: counts, kinds, versions, numbers of epochs and records.
      case 2 -> bytes.substring(0, at).concat(ByteString.copyFrom(new byte[]{(byte) random.nextInt(4)}))
          .concat(bytes.substring(at + 1));
      case 3 -> spliced(bytes, someRecord());
      case 4 -> swapped(bytes);
      default -> bytes(bytes);
    };
  }

  private ByteString swapped(ByteString bytes) {
    int length = Math.min(random.nextBoolean() ? 16 : 32, bytes.size() / 2);
    int one = random.nextInt(bytes.size() - 2 * length + 1);
    int other = one + length + random.nextInt(bytes.size() - one - 2 * length + 1);
    return bytes.substring(0, one).concat(bytes.substring(other, other + length))
        .concat(bytes.substring(one + length, other)).concat(bytes.substring(one, one + length))
        .concat(bytes.substring(other + length));
  }

  /// What another has in the same place.
  private ByteString spliced(ByteString bytes, ByteString other) {
    int at = random.nextInt(bytes.size() + 1);
    int to = Math.min(bytes.size(), at + 1 + random.nextInt(64));
    return other.size() < to
        ? bytes.substring(0, at)
        : bytes.substring(0, at).concat(other.substring(at, to)).concat(bytes.substring(to));
  }

  private ByteString bytes(ByteString bytes) {
    int at = random.nextInt(bytes.size() + 1);
    int to = Math.min(bytes.size(), at + 1 + random.nextInt(8));
    return switch (random.nextInt(8)) {
      case 0 -> bytes.isEmpty() ? chance(1) : flipped(bytes, random.nextInt(bytes.size()), 1 << random.nextInt(8));
      case 1 -> bytes.isEmpty() ? chance(2) : flipped(bytes, random.nextInt(bytes.size()), 0xff);
      case 2 -> bytes.substring(0, at);
      case 3 -> bytes.substring(0, at).concat(bytes.substring(to));
      case 4 -> bytes.substring(0, at).concat(chance(1 + random.nextInt(8))).concat(bytes.substring(at));
      case 5 -> bytes.concat(chance(1 + random.nextInt(40)));
      case 6 -> bytes.substring(0, at).concat(ByteString.copyFrom(new byte[to - at])).concat(bytes.substring(to));
      default -> bytes.substring(0, at).concat(ByteString.fromHex("ffffffff0f")).concat(bytes.substring(to));
    };
  }

  private static ByteString flipped(ByteString bytes, int at, int mask) {
    byte[] changed = bytes.toByteArray();
    changed[at] ^= (byte) mask;
    return ByteString.copyFrom(changed);
  }

  private ByteString chance(int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return ByteString.copyFrom(bytes);
  }

  private static Message.Builder body(ClientFrame frame) {
    return ((Message) frame.getField(Records.body(frame))).toBuilder();
  }

  private static ClientFrame with(ClientFrame frame, Message.Builder body) {
    return frame.toBuilder().setField(Records.body(frame), body.build()).build();
  }
}
