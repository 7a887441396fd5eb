// SPDX-License-Identifier: Apache-2.0
package io.e2relay.deploy.interop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.e2relay.protocol.record.Fault;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Whatever the Java client makes, the TypeScript client opens, and the other way round. Both sides work at once.
@TestInstance(Lifecycle.PER_CLASS)
final class MatrixIT {
  private static final long SEED = 20_261_121;

  @TempDir
  private static Path folder;

  private final JavaSide java = new JavaSide();
  private NodePeer node;

  /// Which byte of which field is altered (the last one: -1), and what is found then.
  private record Alteration(String field, int at, Fault fault) {
  }

  /// What is made, how many of it, and what is altered in one of it.
  record Row(String operation, int count, List<Alteration> alterations) {
    private static Row of(String operation, int count, Alteration... alterations) {
      return new Row(operation, count, List.of(alterations));
    }

    @Override
    public String toString() {
      return operation;
    }
  }

  private static Alteration last(String field, Fault fault) {
    return new Alteration(field, -1, fault);
  }

  static Stream<Row> rows() {
    return Stream.of(
        Row.of("wrap", 500, last("wrap", Fault.CANNOT_OPEN), new Alteration("sealed", 40, Fault.CANNOT_OPEN)),
        Row.of("device", 500, last("wrap", Fault.CANNOT_OPEN)), Row.of("root", 500, last("wrap", Fault.CANNOT_OPEN)),
        Row.of("signature", 500, last("signature", Fault.BAD_SIGNATURE)),
        Row.of("login", 500, last("signature", Fault.BAD_SIGNATURE)),
        Row.of("code", 500, new Alteration("text", 0, Fault.BAD_RECOVERY_CODE)),
        Row.of("account", 500, last("records", Fault.BAD_SIGNATURE)),
        Row.of("conversation", 500, last("epochs", Fault.BAD_SIGNATURE), last("wrap", Fault.CANNOT_OPEN)),
        Row.of("grant", 500, last("grant", Fault.BAD_SIGNATURE), last("wrap", Fault.CANNOT_OPEN)),
        Row.of("message", 500, last("envelope", Fault.BAD_SIGNATURE)),
        Row.of("disclosure", 500, last("mk", Fault.BAD_COMMITMENT), last("envelope", Fault.BAD_SIGNATURE)),
        Row.of("self", 500, last("blob", Fault.BAD_SIGNATURE)), Row.of("backup", 500, last("blob", Fault.CANNOT_OPEN)),
        // As many as there is time for: each takes two derivations of 600,000 iterations.
        Row.of("password", 40, last("blob", Fault.CANNOT_OPEN), last("share", Fault.CANNOT_OPEN)),
        Row.of("file", 500, last("sealed", Fault.CANNOT_OPEN)),
        Row.of("large-file", 6, new Alteration("descriptor", 150, Fault.WRONG_ROOT)),
        // Nothing is wrong with another number but that it is another: people compare it.
        Row.of("safety", 500));
  }

  @BeforeAll
  void meet() throws Exception {
    node = NodePeer.start(folder);
    JsonObject offered = java.meet(tell("offer", new JsonObject()));
    JsonObject theirs = tell("meet", java.offer());
    JsonObject begun = tell("begin", offered);
    JsonObject mine = java.begin(theirs);
    node.ask(new JsonObject().put("do", "know").put("given", mine));
    java.know(begun);
  }

  @AfterAll
  void part() {
    node.close();
  }

  @ParameterizedTest
  @MethodSource("rows")
  void what_one_language_makes_the_other_opens(Row row) {
    Operation operation = operation(row);
    JsonObject command = new JsonObject().put("operation", row.operation).put("count", row.count).put("seed", SEED);
    CompletableFuture<JsonObject> theirs = CompletableFuture
        .supplyAsync(() -> node.ask(command.copy().put("do", "make")).getJsonObject("answer"));
    JsonObject mine = Operation.making(operation, row.count, new SplittableRandom(SEED));
    JsonObject made = theirs.join();
    CompletableFuture<JsonArray> opened = CompletableFuture.supplyAsync(() -> opened(row, mine));
    JsonArray javaOpened = Operation.opening(operation, made);
    JsonArray nodeOpened = opened.join();
    assertEquals(made.getJsonArray("expected"), javaOpened);
    assertEquals(mine.getJsonArray("expected"), nodeOpened);
    for (Alteration alteration : row.alterations) {
      JsonArray fault = new JsonArray().add(alteration.fault.name());
      assertEquals(fault, Operation.opening(operation, altered(alteration, made)));
      assertEquals(fault, opened(row, altered(alteration, mine)));
    }
    if (row.alterations.isEmpty()) {
      JsonObject other = altered(new Alteration("uid", -1, Fault.KEY_MISMATCH), made);
      assertNotEquals(made.getJsonArray("expected").getString(0), opened(row, other).getString(0));
      assertEquals(opened(row, other), Operation.opening(operation, other));
    }
    IO.println("shown: matrix operation=%s java-to-ts=%d ts-to-java=%d altered=%d failures=0 seed=%d"
        .formatted(row.operation, nodeOpened.size(), javaOpened.size(), 2 * row.alterations.size(), SEED));
  }

  private JsonArray opened(Row row, JsonObject made) {
    return node.ask(new JsonObject().put("do", "open").put("operation", row.operation).put("given", made))
        .getJsonArray("answer");
  }

  private Operation operation(Row row) {
    return switch (row.operation) {
      case "wrap" -> new PrimitiveOperations.Wraps(java);
      case "device" -> new PrimitiveOperations.Devices(java);
      case "root" -> new PrimitiveOperations.Roots(java);
      case "signature" -> new PrimitiveOperations.SignedBytes();
      case "login" -> new PrimitiveOperations.Logins(java);
      case "code" -> new PrimitiveOperations.RecoveryCodes();
      case "account" -> new ChainOperations.AccountChains();
      case "conversation" -> new ChainOperations.Conversations(java);
      case "grant" -> new ChainOperations.Grants(java);
      case "message" -> new MessageOperations.Messages(java);
      case "disclosure" -> new MessageOperations.Disclosures(java);
      case "self" -> new MessageOperations.SelfBlobs(java);
      case "backup" -> new StorageOperations.Backups(java);
      case "password" -> new StorageOperations.Passwords(java);
      case "file" -> new StorageOperations.SealedFiles(java, null);
      case "large-file" -> new StorageOperations.SealedFiles(java, folder);
      case "safety" -> new PrimitiveOperations.SafetyNumbers();
      default -> throw new IllegalArgumentException(row.operation);
    };
  }

  /// The first item with one byte (of a text: one character) altered, the last one where none is named.
  private static JsonObject altered(Alteration how, JsonObject made) {
    JsonObject item = made.getJsonArray("items").getJsonObject(0).copy();
    if (item.getValue(how.field) instanceof JsonArray records) {
      records.set(records.size() - 1, altered(records.getString(records.size() - 1), how.at));
    } else if (how.fault == Fault.BAD_RECOVERY_CODE) {
      String text = item.getString(how.field);
      item.put(how.field, (text.charAt(0) == '7' ? "8" : "7") + text.substring(1));
    } else {
      item.put(how.field, altered(item.getString(how.field), how.at));
    }
    return new JsonObject().put("shared", made.getValue("shared")).put("items", new JsonArray().add(item));
  }

  private static String altered(String hex, int at) {
    int digit = at < 0 ? hex.length() - 1 : 2 * at + 1;
    int other = Character.digit(hex.charAt(digit), 16) ^ 1;
    return hex.substring(0, digit) + Integer.toHexString(other) + hex.substring(digit + 1);
  }

  private JsonObject tell(String what, JsonObject given) {
    return node.ask(new JsonObject().put("do", what).put("given", given)).getJsonObject("answer");
  }
}
