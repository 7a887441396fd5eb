// SPDX-License-Identifier: Apache-2.0
package io.e2relay.loadtest.oracle;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The journals of a run, judged as a person would have them judged.
final class OracleTest {
  private static final String HERE = "c".repeat(64);

  @TempDir
  private Path folder;
  private final List<String> senders = new ArrayList<>();
  private final List<String> receivers = new ArrayList<>();

  @BeforeEach
  void two_messages_and_one_receiver_in_a_journal_of_its_own() {
    for (int i = 1; i <= 2; i++) {
      senders.add("""
          {"event":"attempted","message":"%s","conversation":"%s","at":%d}""".formatted(message(i), HERE, i * 1000));
      senders.add("""
          {"event":"acknowledged","message":"%s","seq":%d}""".formatted(message(i), i + 1));
    }
    receivers.add("""
        {"event":"expects","receiver":"bob","conversation":"%s"}""".formatted(HERE));
    receivers.add(sighting(1, 2, 1010));
    receivers.add(sighting(2, 3, 2030));
  }

  @Test
  void a_clean_run_is_told_as_text_and_as_json() throws IOException {
    assertEquals(new Judged(0, """
        attempted                   2
        acknowledged                2
        delivered                   2
        lost                        0
        duplicated                  0
        unexpected                  0
        out_of_order                0
        latency_p50_ms             10
        latency_p99_ms             30
        latency_p999_ms            30
        """, ""), judged());
    assertEquals(new Judged(0, """
            {"attempted":2,"acknowledged":2,"delivered":2,"lost":0,"duplicated":0,"unexpected":0,"out_of_order":0,\
            "latency_p50_ms":10,"latency_p99_ms":30,"latency_p999_ms":30}
            """, ""), judged("--json"));
    IO.println("shown: oracle journals=2 clean=0 lost=1 twice=1 bad=2");
  }

  @Test
  void a_loss_fails() throws IOException {
    receivers.removeLast();
    assertEquals(new Judged(1, """
        {"attempted":2,"acknowledged":2,"delivered":1,"lost":1,"duplicated":0,"unexpected":0,"out_of_order":0,\
        "latency_p50_ms":10,"latency_p99_ms":10,"latency_p999_ms":10}
        """, ""), judged("--json"));
  }

  @Test
  void a_message_seen_twice_fails() throws IOException {
    receivers.add(sighting(2, 3, 2040));
    assertEquals(1, judged().code());
  }

  @Test
  void a_line_that_is_no_event_is_named() throws IOException {
    receivers.add("{\"event\":\"rec");
    Judged said = judged();
    assertEquals(2, said.code());
    assertEquals("e2relay: %s, line 4: is not a JSON object".formatted(folder.resolve("receivers.jsonl")),
        said.error().substring(0, said.error().indexOf(": Unexpected")));
    receivers.set(3, "{\"event\":\"forgotten\"}");
    assertEquals("e2relay: %s, line 4: there is no event 'forgotten'\n".formatted(folder.resolve("receivers.jsonl")),
        judged().error());
  }

  @Test
  void without_anything_to_judge_there_is_no_verdict() throws IOException {
    assertEquals(new Judged(2, "", "e2relay: name the journals of one run; see: deploy/e2relay oracle --help\n"),
        Judged.of());
    senders.clear();
    receivers.clear();
    assertEquals(new Judged(2, "", "e2relay: nobody sent anything, so there is nothing to judge\n"), judged());
    Path missing = folder.resolve("missing");
    assertEquals(new Judged(2, "", "e2relay: cannot read %s\n".formatted(missing)), Judged.of(missing.toString()));
  }

  private Judged judged(String... options) throws IOException {
    List<String> words = new ArrayList<>(List.of(options));
    words.add(Files.write(folder.resolve("senders.jsonl"), senders).toString());
    words.add(Files.write(folder.resolve("receivers.jsonl"), receivers).toString());
    return Judged.of(words.toArray(String[]::new));
  }

  private static String sighting(int message, int seq, int atMs) {
    return """
        {"event":"received","receiver":"bob","conversation":"%s","seq":%d,"message":"%s","at":%d}""".formatted(HERE,
        seq, message(message), atMs);
  }

  private static String message(int number) {
    return "%032x".formatted(number);
  }
}
