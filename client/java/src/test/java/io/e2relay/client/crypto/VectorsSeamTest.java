// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.crypto;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.lang.reflect.Executable;
import java.lang.reflect.Modifier;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// Chance that somebody chooses is no chance: what fixes it for the vectors is not to be had from outside.
final class VectorsSeamTest {
  @Test
  void nothing_that_is_published_takes_or_gives_randomness() throws Exception {
    assertFalse(Modifier.isPublic(Randomness.class.getModifiers()));
    List<String> exposing = new ArrayList<>();
    List<String> inside = new ArrayList<>();
    for (Class<?> type : types()) {
      Stream.of(type.getDeclaredConstructors(), type.getDeclaredMethods()).flatMap(Arrays::stream)
          .filter(VectorsSeamTest::concernsRandomness)
          .forEach(one -> (isPublished(type, one) ? exposing : inside).add(type.getSimpleName() + "." + one.getName()));
    }
    assertEquals(List.of(), exposing);
    assertTrue(inside.size() >= 10, "the seam itself was seen: " + inside);
    IO.println("shown: seam inside=%d published=0".formatted(inside.size()));
  }

  private static boolean concernsRandomness(Executable one) {
    return Arrays.asList(one.getParameterTypes()).contains(Randomness.class)
        || (one instanceof java.lang.reflect.Method method && method.getReturnType() == Randomness.class);
  }

  private static boolean isPublished(Class<?> type, Executable one) {
    int modifiers = type.getModifiers() & one.getModifiers();
    return Modifier.isPublic(type.getModifiers())
        && (Modifier.isPublic(modifiers) || Modifier.isProtected(one.getModifiers()));
  }

  /// All of the package's classes that are not tests.
  private static List<Class<?>> types() throws IOException, URISyntaxException, ClassNotFoundException {
    Path root = Path.of(Sealing.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    Path folder = root.resolve(Sealing.class.getPackageName().replace('.', File.separatorChar));
    List<Class<?>> types = new ArrayList<>();
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.filter(one -> one.toString().endsWith(".class")).toList()) {
        String name = file.getFileName().toString().replace(".class", "");
        if (!name.startsWith("Vectors") && !name.equals("package-info")) {
          types.add(Class.forName(Sealing.class.getPackageName() + "." + name, false, Sealing.class.getClassLoader()));
        }
      }
    }
    return types;
  }
}
