// SPDX-License-Identifier: Apache-2.0
package io.e2relay.loadtest.oracle;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/// What a call of the oracle came to.
public record Judged(int code, String out, String error) {
  public static Judged of(String... words) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream error = new ByteArrayOutputStream();
    int code = Oracle.run(new PrintStream(out, true, StandardCharsets.UTF_8),
        new PrintStream(error, true, StandardCharsets.UTF_8), words);
    return new Judged(code, out.toString(StandardCharsets.UTF_8), error.toString(StandardCharsets.UTF_8));
  }
}
