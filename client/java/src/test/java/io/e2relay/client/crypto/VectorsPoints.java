// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.crypto;

import static io.e2relay.client.crypto.VectorsCase.bytes;
import static io.e2relay.client.crypto.VectorsCase.filled;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.record.Fault;
import java.util.LinkedHashMap;
import java.util.Map;

/// What is no point of P-256, though it has 65 bytes.
final class VectorsPoints {
  private static final String P = "ffffffff00000001000000000000000000000000ffffffffffffffffffffffff";
  /// The square root of the curve's b: the y of x = 0, and so of x = p for whoever forgets to compare with p.
  private static final String ROOT_OF_B = "66485c780e2f83d72433bd5d84a06bb6541c2af31dae871728bf856a174f93f4";

  record Bad(ByteString point, Fault fault) {
  }

  private VectorsPoints() {
  }

  static Map<String, Bad> bad() {
    ByteString good = VectorsKeys.of("good").pub();
    Map<String, Bad> bad = new LinkedHashMap<>();
    for (int form : new int[]{0, 2, 3, 6, 7}) {
      bad.put("begins with 0" + form, new Bad(filled(form, 1).concat(good.substring(1)), Fault.MALFORMED_POINT));
    }
    bad.put("of zeros", new Bad(filled(0, 65), Fault.MALFORMED_POINT));
    bad.put("0, 0", new Bad(filled(4, 1).concat(filled(0, 64)), Fault.INVALID_POINT));
    bad.put("off the curve",
        new Bad(good.substring(0, 64).concat(filled(good.byteAt(64) ^ 1, 1)), Fault.INVALID_POINT));
    bad.put("x = p", new Bad(bytes("04" + P + ROOT_OF_B), Fault.INVALID_POINT));
    bad.put("x = 2^256 - 1",
        new Bad(filled(4, 1).concat(filled(0xff, 32)).concat(good.substring(33)), Fault.INVALID_POINT));
    bad.put("y = p", new Bad(bytes("04" + "00".repeat(32) + P), Fault.INVALID_POINT));
    return bad;
  }

  /// x = 0 is on the curve: a control for x = p.
  static ByteString zeroX() {
    return bytes("04" + "00".repeat(32) + ROOT_OF_B);
  }
}
