// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.crypto;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.record.Hash;
import io.e2relay.protocol.record.Point;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// What two people compare to know that no other account stands between them; the same for both.
public final class SafetyNumber {
  private static final byte[] SALT = "e2r/1/safety-number".getBytes(StandardCharsets.US_ASCII);
  private static final int ITERATIONS = 100_000;
  private static final int HALF_BYTES = 32;
  private static final int GROUPS = 6;
  private static final int GROUP_BYTES = 5;
  private static final BigInteger GROUP_NUMBERS = BigInteger.valueOf(100_000);
  private static final ByteString QR_VERSION = ByteString.copyFrom(new byte[]{1});

  private final String digits;
  private final ByteString qrCode;

  private SafetyNumber(String digits, ByteString qrCode) {
    this.digits = digits;
    this.qrCode = qrCode;
  }

  /// Somebody, as the number sees them.
  public record Person(Uid uid, Point accountKey) {
    private ByteString bytes() {
      return accountKey.bytes().concat(uid.bytes());
    }

    private String half() {
      byte[] half = Pbkdf2.SHA512.derive(bytes().toByteArray(), SALT, ITERATIONS, HALF_BYTES);
      return IntStream.range(0, GROUPS).mapToObj(i -> new BigInteger(1, half, i * GROUP_BYTES, GROUP_BYTES))
          .map(number -> "%05d".formatted(number.mod(GROUP_NUMBERS))).collect(Collectors.joining());
    }
  }

  public static SafetyNumber of(Person one, Person other) {
    String digits = Stream.of(one.half(), other.half()).sorted().collect(Collectors.joining());
    ByteString qrCode = Stream.of(one, other).map(person -> Hash.of(person.bytes()).bytes())
        .sorted(Comparator.comparing(SafetyNumber::unsigned)).reduce(QR_VERSION, ByteString::concat);
    return new SafetyNumber(digits, qrCode);
  }

  /// Sixty digits.
  public String digits() {
    return digits;
  }

  /// What a QR code holds for the same comparison by machine.
  public ByteString qrCode() {
    return qrCode;
  }

  /// Whether that is what was scanned.
  public boolean matches(ByteString scanned) {
    return qrCode.equals(scanned);
  }

  private static BigInteger unsigned(ByteString hash) {
    return new BigInteger(1, hash.toByteArray());
  }
}
