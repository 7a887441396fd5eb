// SPDX-License-Identifier: Apache-2.0
package io.e2relay.protocol.frame;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.JsonFormat;
import io.e2relay.protocol.wire.ClientFrame;
import io.e2relay.protocol.wire.ClientFrame.BodyCase;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/// Whatever the bytes are: a frame or a typed refusal, never an exception, and memory at most 20 times the frame
/// (where a frame below 1 KiB counts as 1 KiB).
///
/// A failure prints its seed; run again with -De2relay.seed=N.
final class FrameCodecProperties {
  private static final int FRAMES = 100_000;
  private static final JsonFormat.Printer PRINTER = JsonFormat.printer().omittingInsignificantWhitespace();
  private static final long SEED = Long.getLong("e2relay.seed", new SecureRandom().nextLong());

  @BeforeAll
  static void warm_up() {
    RandomGenerator random = new SplittableRandom(1);
    for (int i = 0; i < 2_000; i++) {
      for (BodyCase kind : ClientFrames.kinds()) {
        ClientFrame frame = ClientFrames.valid(kind, random);
        FrameCodec.decodeBinary(Mutations.spoil(frame.toByteArray(), frame.toByteArray(), random));
        FrameCodec.decodeText(Mutations.spoil(json(frame), "{}", random));
      }
    }
  }

  static Stream<BodyCase> kinds() {
    return ClientFrames.kinds().stream();
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void a_valid_frame_is_read_as_it_was_written_in_both_subprotocols(BodyCase kind) {
    RandomGenerator random = new SplittableRandom(SEED);
    for (int i = 0; i < 1_000; i++) {
      ClientFrame frame = ClientFrames.valid(kind, random);
      assertEquals(new Decoded.Valid(frame), FrameCodec.decodeBinary(frame.toByteArray()), hint());
      assertEquals(new Decoded.Valid(frame), FrameCodec.decodeText(json(frame)), hint());
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void a_spoilt_binary_frame_is_a_frame_or_a_refusal_within_20_times_its_size(BodyCase kind) {
    RandomGenerator random = new SplittableRandom(SEED);
    Tally tally = new Tally("binary-" + name(kind));
    List<byte[]> others = kinds().map(other -> ClientFrames.valid(other, random).toByteArray()).toList();
    byte[] frame = {};
    for (int i = 0; i < FRAMES; i++) {
      if (i % 16 == 0) {
        frame = ClientFrames.valid(kind, random).toByteArray();
      }
      tally.binary(Mutations.spoil(frame, others.get(random.nextInt(others.size())), random));
    }
    tally.show();
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void a_spoilt_text_frame_is_a_frame_or_a_refusal_within_20_times_its_size(BodyCase kind) {
    RandomGenerator random = new SplittableRandom(SEED);
    Tally tally = new Tally("text-" + name(kind));
    List<String> others = kinds().map(other -> json(ClientFrames.valid(other, random))).toList();
    String frame = "";
    for (int i = 0; i < FRAMES; i++) {
      if (i % 16 == 0) {
        frame = json(ClientFrames.valid(kind, random));
      }
      tally.text(Mutations.spoil(frame, others.get(random.nextInt(others.size())), random));
    }
    tally.show();
  }

  @ParameterizedTest
  @EnumSource(Subprotocol.class)
  void random_bytes_are_a_frame_or_a_refusal_within_20_times_their_size(Subprotocol subprotocol) {
    RandomGenerator random = new SplittableRandom(SEED);
    Tally tally = new Tally("random-" + subprotocol.name().toLowerCase(Locale.ROOT));
    for (int i = 0; i < FRAMES; i++) {
      byte[] bytes = new byte[random.nextInt(random.nextInt(1, 2_000))];
      random.nextBytes(bytes);
      switch (subprotocol) {
        case PROTOBUF -> tally.binary(bytes);
        case JSON -> tally.text(randomText(bytes, random));
      }
    }
    tally.show();
  }

  @ParameterizedTest
  @EnumSource(Subprotocol.class)
  void swollen_nested_and_dense_frames_are_a_frame_or_a_refusal_within_20_times_their_size(Subprotocol subprotocol) {
    Tally tally = new Tally("hostile-" + subprotocol.name().toLowerCase(Locale.ROOT));
    for (int size : List.of(10, 100, 300, 512, 1_000, 10_000, 100_000, Limits.FRAME_BYTES_MAX - 100)) {
      switch (subprotocol) {
        case PROTOBUF -> HostileFrames.binary(size).forEach(tally::binary);
        case JSON -> HostileFrames.text(size).forEach(tally::text);
      }
    }
    tally.show();
  }

  private static String randomText(byte[] bytes, RandomGenerator random) {
    StringBuilder text = new StringBuilder();
    boolean wide = random.nextInt(4) == 0;
    for (byte b : bytes) {
      text.append(
          wide ? (char) random.nextInt(0x10000) : "{}[]\":,0123456789truefalsn.eE-\\uidhelo ".charAt((b & 0xff) % 39));
    }
    return text.toString();
  }

  private static String json(ClientFrame frame) {
    try {
      return PRINTER.print(frame);
    } catch (InvalidProtocolBufferException e) {
      throw new AssertionError(e);
    }
  }

  private static String name(BodyCase kind) {
    return kind.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  private static String hint() {
    return "seed=" + SEED;
  }

  /// Counts what came out, and holds each frame to the two promises.
  private static final class Tally {
    private final String kind;
    private int frames;
    private int refused;
    private double most;

    Tally(String kind) {
      this.kind = kind;
    }

    void binary(byte[] frame) {
      try {
        count(Allocation.of(frame.length, () -> FrameCodec.decodeBinary(frame)), () -> HexFormat.of().formatHex(frame));
      } catch (RuntimeException e) {
        throw new AssertionError(hint() + " threw on " + HexFormat.of().formatHex(frame), e);
      }
    }

    void text(String frame) {
      try {
        count(Allocation.of(frame.length(), () -> FrameCodec.decodeText(frame)), () -> frame);
      } catch (RuntimeException e) {
        throw new AssertionError(hint() + " threw on " + frame, e);
      }
    }

    private void count(Allocation.Measured measured, java.util.function.Supplier<String> frame) {
      frames++;
      most = Math.max(most, measured.amplification());
      assertTrue(measured.amplification() <= Allocation.BOUND,
          () -> "%s amplification=%.1f on %.2000s".formatted(hint(), measured.amplification(), frame.get()));
      if (measured.decoded() instanceof Decoded.Malformed(long id, var code, String detail)) {
        refused++;
        assertTrue(!detail.isEmpty() && detail.length() < 100, hint());
      } else {
        assertInstanceOf(Decoded.Valid.class, measured.decoded(), hint());
      }
    }

    void show() {
      System.out.printf("shown: decoder kind=%s frames=%d refused=%d max_amplification=%.1f seed=%d%n", kind, frames,
          refused, most, SEED);
    }
  }
}
