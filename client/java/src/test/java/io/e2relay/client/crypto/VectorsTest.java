// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.crypto;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/// The published vectors are what this implementation makes of their inputs, and the faults those that it finds.
/// After a change: `mvn test -pl client/java -am -Dtest=VectorsTest -Dsurefire.failIfNoSpecifiedTests=false
/// -Dvectors.write=true`, and look at the difference.
final class VectorsTest {
  private static final Path FOLDER = Path.of("..", "..", "protocol", "src", "test", "resources", "vectors");
  private static final List<Supplier<VectorsFile>> FILES = List.of(VectorsAccounts::file, VectorsConversations::genesis,
      VectorsConversations::epochs, VectorsSeals::seals, VectorsSeals::padding, VectorsWraps::file,
      VectorsMessages::envelopes, VectorsMessages::disclosures, VectorsGrants::file, VectorsBlobs::file,
      VectorsCodes::recoveryCodes, VectorsCodes::safetyNumbers, VectorsCodes::labels, VectorsFiles::file,
      VectorsBackups::file);

  @Test
  void the_published_vectors_are_what_this_implementation_makes() throws IOException {
    List<String> names = new ArrayList<>(List.of("fixed"));
    Map<String, Integer> counts = new LinkedHashMap<>();
    for (Supplier<VectorsFile> maker : FILES) {
      VectorsFile file = maker.get();
      same(file.subject(), file.text());
      names.add(file.subject());
      for (String what : List.of("positive", "negative", "flips", "cuts")) {
        counts.merge(what, file.count(what), Integer::sum);
      }
    }
    counts.merge("positive", VectorsFixed.check(read("fixed")), Integer::sum);
    Map<String, Object> index = new LinkedHashMap<>();
    index.put("files", names);
    index.put("counts", counts);
    same("index", VectorsJson.text(index));
    IO.println("shown: vectors positive=%d negative=%d flips=%d cuts=%d".formatted(counts.get("positive"),
        counts.get("negative"), counts.get("flips"), counts.get("cuts")));
  }

  private static void same(String name, String text) throws IOException {
    if (Boolean.getBoolean("vectors.write")) {
      Files.writeString(FOLDER.resolve(name + ".json"), text);
    }
    // Not assertEquals, which would print both.
    assertTrue(read(name).equals(text), name + ".json is not what this implementation makes");
  }

  private static String read(String name) throws IOException {
    return Files.readString(FOLDER.resolve(name + ".json"));
  }
}
