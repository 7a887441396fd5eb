// SPDX-License-Identifier: Apache-2.0
package io.e2relay.protocol.frame;

import java.util.List;
import java.util.random.RandomGenerator;

/// Spoils frames: flips, inserts, deletes, splices, truncates, and lies about lengths.
final class Mutations {
  private static final List<String> NASTY = List.of("\u0000", "\\u0000", "\ud800", "\\udfff", "\ufeff", "NaN",
      "Infinity", "1e999", "1e999999999", "-0", "9".repeat(300), "-1", "{", "}", "[", "]", "\"", ",", ":", "null",
      "true", "{\"id\":1,\"id\":2}", "[".repeat(40), "{\"a\":".repeat(20), "\"hello\":{},", "\"id\":\"7\",", "[],",
      "{},", "\"\",", "/* */", "'", "\\");

  private Mutations() {
  }

  static byte[] spoil(byte[] frame, byte[] other, RandomGenerator random) {
    byte[] spoilt = frame;
    for (int rounds = 1 + random.nextInt(3); rounds > 0; rounds--) {
      spoilt = once(spoilt, other, random);
    }
    return spoilt;
  }

  private static byte[] once(byte[] frame, byte[] other, RandomGenerator random) {
    int at = random.nextInt(frame.length + 1);
    byte[] some = new byte[1 + random.nextInt(12)];
    random.nextBytes(some);
    return switch (random.nextInt(7)) {
      case 0 -> flipped(frame, random, 1 << random.nextInt(8));
      case 1 -> joined(frame, at, some, frame, at);
      case 2 -> joined(frame, at, new byte[0], frame, Math.min(frame.length, at + 1 + random.nextInt(8)));
      case 3 -> joined(frame, at, new byte[0], other, random.nextInt(other.length + 1));
      case 4 -> joined(frame, at, new byte[0], frame, frame.length);
      // What follows a tag is often a length: make it huge, unending, or one off.
      case 5 -> joined(frame, at, new byte[]{(byte) 0xff, (byte) 0xff, (byte) 0xff, (byte) 0xff, 0x0f}, frame,
          Math.min(frame.length, at + 1));
      case 6 -> flipped(frame, random, 0xff);
      default -> throw new IllegalStateException("seven ways");
    };
  }

  private static byte[] flipped(byte[] frame, RandomGenerator random, int mask) {
    byte[] flipped = frame.clone();
    if (flipped.length > 0) {
      flipped[random.nextInt(flipped.length)] ^= (byte) mask;
    }
    return flipped;
  }

  private static byte[] joined(byte[] head, int headEnd, byte[] middle, byte[] tail, int tailStart) {
    byte[] joined = new byte[headEnd + middle.length + tail.length - tailStart];
    System.arraycopy(head, 0, joined, 0, headEnd);
    System.arraycopy(middle, 0, joined, headEnd, middle.length);
    System.arraycopy(tail, tailStart, joined, headEnd + middle.length, tail.length - tailStart);
    return joined;
  }

  static String spoil(String frame, String other, RandomGenerator random) {
    String spoilt = frame;
    for (int rounds = 1 + random.nextInt(3); rounds > 0; rounds--) {
      int at = random.nextInt(spoilt.length() + 1);
      String head = spoilt.substring(0, at);
      spoilt = switch (random.nextInt(6)) {
        case 0 -> head + (char) random.nextInt(0x10000) + spoilt.substring(Math.min(spoilt.length(), at + 1));
        case 1 -> head + NASTY.get(random.nextInt(NASTY.size())) + spoilt.substring(at);
        case 2 -> head + spoilt.substring(Math.min(spoilt.length(), at + 1 + random.nextInt(8)));
        case 3 -> head + other.substring(random.nextInt(other.length() + 1));
        case 4 -> head;
        case 5 -> head + (char) random.nextInt(' ', 0x7f) + spoilt.substring(at);
        default -> throw new IllegalStateException("six ways");
      };
    }
    return spoilt;
  }
}
