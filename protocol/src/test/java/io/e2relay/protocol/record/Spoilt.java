// SPDX-License-Identifier: Apache-2.0
package io.e2relay.protocol.record;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.google.protobuf.ByteString;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;

/// A good record, and the bytes that spoil it: each alone, and all behind the first at once.
final class Spoilt {
  /// Bytes written over a place, and the fault they make.
  record Edit(String what, Fault fault, int at, ByteString bytes) {
    ByteString applied(ByteString good) {
      return good.substring(0, at).concat(bytes).concat(good.substring(at + bytes.size()));
    }
  }

  private final ByteString good;
  private final Function<ByteString, Reading<?>> reader;
  private final List<Edit> edits = new ArrayList<>();
  private final List<DynamicTest> tests = new ArrayList<>();

  Spoilt(ByteString good, Function<ByteString, Reading<?>> reader) {
    this.good = good;
    this.reader = reader;
    tests.add(dynamicTest("control", () -> assertInstanceOf(Reading.Read.class, reader.apply(good))));
  }

  /// In the order in which a reader comes by.
  Spoilt with(String what, Fault fault, int at, String hex) {
    Edit edit = new Edit(what, fault, at, ByteString.fromHex(hex));
    edits.add(edit);
    tests.add(dynamicTest(fault + ": " + what, () -> expect(fault, edit.applied(good))));
    return this;
  }

  Spoilt whole(String what, Fault fault, ByteString bytes) {
    tests.add(dynamicTest(fault + ": " + what, () -> expect(fault, bytes)));
    return this;
  }

  /// Every beginning is too short; up to a length, if what is left over has its own.
  Spoilt cutShort(int upTo) {
    tests.add(dynamicTest("TRUNCATED: every beginning below " + upTo, () -> {
      for (int length = 0; length < upTo; length++) {
        expect(Fault.TRUNCATED, good.substring(0, length));
      }
    }));
    return this;
  }

  Spoilt trailing() {
    return whole("one byte more", Fault.TRAILING_BYTES, good.concat(Samples.filled(1, 0)));
  }

  Stream<DynamicTest> tests() {
    tests.add(dynamicTest("the first fault is the answer", () -> {
      ByteString spoilt = good;
      for (Edit edit : edits.reversed()) {
        spoilt = edit.applied(spoilt);
        expect(edit.fault(), spoilt);
      }
    }));
    return tests.stream();
  }

  private void expect(Fault fault, ByteString bytes) {
    assertEquals(new Reading.Unreadable<>(fault), reader.apply(bytes), () -> "of " + bytes.size() + " bytes");
  }
}
