// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.fuzz;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.e2relay.keyservice.backup.BackupDesk;
import io.e2relay.protocol.frame.Decoded;
import io.e2relay.protocol.frame.FrameCodec;
import io.e2relay.protocol.wire.BadWrap;
import io.e2relay.protocol.wire.ClientFrame;
import io.e2relay.protocol.wire.ClientFrame.BodyCase;
import java.security.SecureRandom;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Whatever comes instead of an honest request: a refusal with its code, or exactly what its author has signed; never
/// an exception. A failure prints its seed; run again with -De2relay.seed=N.
final class PutPathsFuzzTest {
  private static final int PART = 200_000;
  private static final int WHOLE = 1_000_000;
  private static final long SEED = Long.getLong("e2relay.seed", new SecureRandom().nextLong());

  private final Town town = new Town();
  private final List<Honest> honest = Honest.all(town);
  private final BackupDesk backups = Honest.backups(town.anne);
  private final Paths paths = new Paths(town, backups);
  private final Map<BodyCase, Map<String, Integer>> counts = new EnumMap<>(BodyCase.class);
  private final Map<Spoiler.Way, Integer> ways = new EnumMap<>(Spoiler.Way.class);
  private final Map<Spoiler.Way, Integer> taken = new EnumMap<>(Spoiler.Way.class);

  @Test
  void spoilt_requests_are_refused_or_say_what_their_author_signed() {
    run(PART);
  }

  @Test
  @Tag("long")
  void a_million_spoilt_requests_are_refused_or_say_what_their_author_signed() {
    run(WHOLE);
  }

  @Test
  void honest_requests_are_taken_as_they_are() {
    for (Honest request : honest) {
      Decoded.Valid valid = assertInstanceOf(Decoded.Valid.class,
          FrameCodec.decodeBinary(request.frame().toByteArray()));
      assertEquals(request.frame(), valid.frame());
      Answer answer = paths.answer(request.by(), valid.frame());
      Answer.Taken taken = assertInstanceOf(Answer.Taken.class, answer,
          () -> request.frame().getBodyCase() + " " + answer);
      if (!request.frame().hasBadWrap()) {
        assertEquals(Set.copyOf(Records.of(request.frame())), Set.copyOf(taken.stored()));
      }
    }
  }

  private void run(int mutations) {
    SplittableRandom random = new SplittableRandom(SEED);
    Spoiler spoiler = new Spoiler(random, honest);
    for (int i = 0; i < mutations; i++) {
      Honest request = honest.get(i % honest.size());
      Spoiler.Spoilt spoilt = spoiler.spoil(request);
      ways.merge(spoilt.way(), 1, Integer::sum);
      try {
        look(request, spoilt);
      } catch (RuntimeException e) {
        throw new AssertionError(hint(spoilt), e);
      }
    }
    show(mutations);
    for (Honest request : honest) {
      assertTrue(counted(request.frame().getBodyCase()).size() > 3, () -> "few refusals: " + counts);
    }
    assertTrue(ways.keySet().equals(Set.of(Spoiler.Way.values())), ways::toString);
  }

  private void look(Honest request, Spoiler.Spoilt spoilt) {
    Map<String, Integer> counted = counted(request.frame().getBodyCase());
    switch (FrameCodec.decodeBinary(spoilt.frame().toByteArray())) {
      case Decoded.Malformed malformed -> counted.merge("frame:" + malformed.code(), 1, Integer::sum);
      case Decoded.Valid(ClientFrame frame) -> {
        switch (paths.answer(spoilt.by(), frame)) {
          case Answer.Refused(String code) -> counted.merge(code, 1, Integer::sum);
          case Answer.Taken(List<ByteString> stored) -> {
            counted.merge("TAKEN", 1, Integer::sum);
            taken.merge(spoilt.way(), 1, Integer::sum);
            taken(request, spoilt, frame, stored);
          }
        }
      }
    }
  }

  /// What may be taken: what somebody has signed as it is, and then that is what is stored.
  private void taken(Honest request, Spoiler.Spoilt spoilt, ClientFrame frame, List<ByteString> stored) {
    if (frame.hasBadWrap()) {
      BadWrap asked = frame.getBadWrap();
      assertEquals(town.sealed.id().bytes(), asked.getConversationId(), () -> hint(spoilt));
      assertTrue(asked.getEpoch() == 1 || asked.getEpoch() == 2, () -> hint(spoilt));
      assertTrue(spoilt.by().equals(town.anne) || spoilt.by().equals(town.bob), () -> hint(spoilt));
      return;
    }
    // Stored is what came, to the byte.
    assertEquals(new HashSet<>(Records.of(frame)), new HashSet<>(stored), () -> hint(spoilt));
    // Of these the service sees the form only; what is in them their owner's devices verify.
    boolean opaque = frame.hasPutBackup() || frame.hasPutSelf();
    boolean signed = switch (spoilt.way()) {
      case RESIGNED, MIRRORED -> true;
      case FRAME, FIELD, RECORD, OTHER_CALLER -> honest.stream().filter(one -> one.by().equals(spoilt.by()))
          .anyMatch(one -> Records.of(one.frame()).containsAll(stored));
    };
    assertTrue(opaque || signed, () -> hint(spoilt) + " of " + request.frame().getBodyCase());
  }

  private void show(int mutations) {
    counts.forEach((path, codes) -> System.out.printf("shown: fuzz-path path=%s mutated=%d %s%n",
        path.name().toLowerCase(Locale.ROOT), codes.values().stream().mapToInt(Integer::intValue).sum(), codes));
    System.out.printf("shown: fuzz name=put_paths mutated=%d ways=%s taken=%s exceptions=0 seed=%d%n", mutations, ways,
        taken, SEED);
  }

  private Map<String, Integer> counted(BodyCase path) {
    return counts.computeIfAbsent(path, _ -> new TreeMap<>());
  }

  private static String hint(Spoiler.Spoilt spoilt) {
    return "seed=" + SEED + " " + spoilt.way() + " " + HexFormat.of().formatHex(spoilt.frame().toByteArray());
  }
}
