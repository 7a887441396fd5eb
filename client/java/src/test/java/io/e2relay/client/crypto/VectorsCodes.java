// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.crypto;

import static io.e2relay.client.crypto.VectorsCase.bytes;
import static io.e2relay.client.crypto.VectorsCase.filled;
import static io.e2relay.client.crypto.VectorsCase.label;
import static io.e2relay.client.crypto.VectorsCase.number;
import static io.e2relay.client.crypto.VectorsPerson.ALICE;
import static io.e2relay.client.crypto.VectorsPerson.BOB;
import static io.e2relay.client.crypto.VectorsPerson.CAROL;
import static io.e2relay.client.crypto.VectorsPerson.TENANT;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.id.Ids;
import io.e2relay.protocol.record.Fault;
import io.e2relay.protocol.record.Labels;
import io.e2relay.protocol.record.Point;
import io.e2relay.protocol.record.Reading;
import io.e2relay.protocol.record.Signature;
import io.e2relay.protocol.verify.Points;
import io.e2relay.protocol.verify.Signatures;
import java.util.List;
import java.util.Locale;

/// recovery-code.json, safety-number.json and labels.json.
final class VectorsCodes {
  private VectorsCodes() {
  }

  static VectorsFile recoveryCodes() {
    VectorsFile file = new VectorsFile("recovery-code");
    for (ByteString code : List.of(filled(0, 20), filled(0xff, 20), bytes("000102030405060708090a0b0c0d0e0f10111213"),
        filled(0x5a, 20), VectorsCase.sha256(filled(1, 1)).substring(0, 20))) {
      String text = RecoveryCode.of(code).reveal();
      List<String> typed = List.of(text, text.replace("-", ""), text.replace('-', ' '), text.toLowerCase(Locale.ROOT),
          " " + text.replace("-", " - ") + " ", text.replace('0', 'O').replace('1', 'I'),
          text.replace('0', 'o').replace('1', 'l'));
      typed.forEach(one -> VectorsSeals.same(code, VectorsAccounts.value(RecoveryCode.read(one)).toByteString()));
      file.positive(VectorsCase.named(text).with("code", code).with("text", text).with("typed", typed));
    }
    String good = RecoveryCode.of(filled(0x5a, 20)).reveal();
    for (int i = 0; i < good.length(); i++) {
      char c = good.charAt(i);
      if (c != '-') {
        mistyped(file, "character " + i + " is another",
            good.substring(0, i) + (c == '7' ? '8' : '7') + good.substring(i + 1));
      }
    }
    mistyped(file, "two characters exchanged", good.substring(1, 2) + good.charAt(0) + good.substring(2));
    mistyped(file, "no character", "");
    mistyped(file, "a character missing", good.substring(1));
    mistyped(file, "a character too many", good + "0");
    mistyped(file, "without the check", good.substring(0, good.length() - 3));
    mistyped(file, "a letter that there is not", good.replace(good.charAt(0), 'U'));
    mistyped(file, "an underscore between", good.replaceFirst("-", "_"));
    mistyped(file, "a letter with a dot", "\u0130" + good.substring(1));
    mistyped(file, "digits of another script", "\u0661" + good.substring(1));
    return file;
  }

  private static void mistyped(VectorsFile file, String name, String typed) {
    file.negative(VectorsCase.named(name).with("typed", typed), Fault.BAD_RECOVERY_CODE, RecoveryCode.read(typed));
  }

  static VectorsFile safetyNumbers() {
    VectorsFile file = new VectorsFile("safety-number");
    for (List<VectorsPerson> two : List.of(List.of(ALICE, BOB), List.of(BOB, ALICE), List.of(ALICE, CAROL),
        List.of(BOB, CAROL))) {
      VectorsPerson one = two.getFirst();
      VectorsPerson other = two.getLast();
      SafetyNumber number = SafetyNumber.of(person(one), person(other));
      file.positive(VectorsCase.named(one.name() + " and " + other.name()).with("uid", one.uid().bytes())
          .with("ark_pub", one.ark(1).pub()).with("other_uid", other.uid().bytes())
          .with("other_ark_pub", other.ark(1).pub()).with("digits", number.digits()).with("qr", number.qrCode()));
    }
    return file;
  }

  private static SafetyNumber.Person person(VectorsPerson person) {
    return new SafetyNumber.Person(person.uid(), person.ark(1).point());
  }

  static VectorsFile labels() {
    VectorsFile file = new VectorsFile("labels").given("labels", Labels.ALL).given("keys", ALICE.dsk(1));
    for (String subject : List.of("alice", "", "b\u00f6b \u2603", "x".repeat(1000))) {
      file.positive(VectorsCase.named("uid of " + subject.length() + " characters").with("kind", "uid")
          .with("tenant", TENANT.bytes()).with("subject", subject).with("uid", Ids.uid(TENANT, subject).bytes()));
    }
    VectorsKeys dsk = ALICE.dsk(1);
    ByteString what = filled(0x62, 40);
    for (String name : Labels.SIGNED) {
      Signature signature = dsk.sign(name, what);
      ByteString message = Signatures.message(name, what);
      VectorsSeals.same(label("e2r/1/sig/" + name).concat(what), message);
      VectorsAccounts.value(signed(name, what, signature));
      file.positive(VectorsCase.named("signed as " + name).with("kind", "signature").with("as", name)
          .with("signed", what).with("message", message).with("sig", signature.bytes()));
      for (String as : Labels.SIGNED) {
        if (!as.equals(name)) {
          file.negative(VectorsCase.named(name + " as " + as).with("kind", "signature").with("as", as)
              .with("signed", what).with("sig", signature.bytes()), Fault.BAD_SIGNATURE, signed(as, what, signature));
        }
      }
    }
    logins(file);
    enrolments(file);
    points(file);
    return file;
  }

  private static Reading<Signature> signed(String as, ByteString what, Signature signature) {
    return Signatures.verify(ALICE.dsk(1).point(), as, what, signature)
        ? new Reading.Read<>(signature)
        : new Reading.Unreadable<>(Fault.BAD_SIGNATURE);
  }

  private static void logins(VectorsFile file) {
    for (String audience : List.of("", "relay.example.org", "a".repeat(255))) {
      ByteString nonce = filled(0x4e, 32);
      long ms = VectorsPerson.BEGIN_MS;
      ByteString tbs = TENANT.bytes().concat(ALICE.uid().bytes()).concat(ALICE.device(1).bytes()).concat(nonce)
          .concat(label(audience)).concat(number(8, ms));
      Signature signature = ALICE.dsk(1).sign("auth", tbs);
      VectorsAccounts.value(signed("auth", tbs, signature));
      file.positive(VectorsCase.named("login at an audience of " + audience.length() + " characters")
          .with("kind", "login").with("tenant", TENANT.bytes()).with("uid", ALICE.uid().bytes())
          .with("device_id", ALICE.device(1).bytes()).with("nonce", nonce).with("audience", audience).with("ms", ms)
          .with("signed", tbs).with("sig", signature.bytes()));
    }
  }

  private static void enrolments(VectorsFile file) {
    for (int i = 1; i <= 3; i++) {
      EnrolmentCode code = new EnrolmentCode(TENANT, ALICE.uid(), ALICE.device(i), ALICE.dsk(i).point(),
          ALICE.dek(i).point());
      file.positive(VectorsCase.named("device " + i).with("kind", "enrolment").with("tenant", TENANT.bytes())
          .with("uid", ALICE.uid().bytes()).with("device_id", ALICE.device(i).bytes())
          .with("dsk_pub", ALICE.dsk(i).pub()).with("dek_pub", ALICE.dek(i).pub()).with("code", code.text()));
    }
  }

  private static void points(VectorsFile file) {
    ByteString zeroX = VectorsPoints.zeroX();
    VectorsAccounts.value(point(zeroX));
    file.positive(VectorsCase.named("x = 0").with("kind", "point").with("point", zeroX));
    file.positive(VectorsCase.named("of a seed").with("kind", "point").with("point", ALICE.ark(1).pub()));
    VectorsPoints.bad()
        .forEach((name, bad) -> file.negative(VectorsCase.named(name).with("kind", "point").with("point", bad.point()),
            bad.fault(), point(bad.point())));
  }

  private static Reading<Point> point(ByteString bytes) {
    if (bytes.byteAt(0) != 4) {
      return new Reading.Unreadable<>(Fault.MALFORMED_POINT);
    }
    Point point = new Point(bytes);
    return Points.isOnCurve(point) ? new Reading.Read<>(point) : new Reading.Unreadable<>(Fault.INVALID_POINT);
  }
}
