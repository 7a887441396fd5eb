// SPDX-License-Identifier: Apache-2.0
package io.e2relay.relay.http;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.JarURLConnection;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.net.URLConnection;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Enumeration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.stream.Stream;

/// The page's files, all in memory, found by the exact path of a request.
///
/// A path is a key of a map and never the name of a file, so there is nothing to escape from.
final class Assets {
  private static final String FOLDER = "web/";
  private static final String INDEX = "index.html";
  private static final int BYTES_MAX = 64 * 1024 * 1024;
  private static final String NOT_BUILT = """
      <!doctype html>
      <html lang="en">
      <head><meta charset="utf-8"><title>e2relay runs, without its page</title></head>
      <body>
      <h1>e2relay runs, without its page</h1>
      <p>The server works. This page, the reference web app, was not built, because Node.js 20 or newer was missing
      when the server was built.</p>
      <p>Get Node.js from <a href="https://nodejs.org/en/download">nodejs.org/en/download</a> or from your system's
      packages, check it with <code>node --version</code>, and start e2relay again: it builds what is missing.</p>
      </body>
      </html>
      """;

  private final Map<String, Asset> byPath;

  private Assets(Map<String, Asset> byPath) {
    this.byPath = Map.copyOf(byPath);
  }

  /// Reads the folder `web` where the class path has it; without a built page, one that says why.
  static Assets load(ClassLoader loader) {
    try {
      URL index = loader.getResource(FOLDER + INDEX);
      if (index == null) {
        return new Assets(Map.of("/", Asset.of(INDEX, NOT_BUILT.getBytes(StandardCharsets.UTF_8))));
      }
      Map<String, byte[]> files = new HashMap<>();
      URLConnection connection = index.openConnection();
      if (connection instanceof JarURLConnection jar) {
        readJar(jar, files);
      } else {
        readFolder(Path.of(index.toURI()).resolveSibling("").normalize(), files);
      }
      return of(files);
    } catch (IOException | URISyntaxException e) {
      throw new IllegalStateException("the page on the class path cannot be read", e);
    }
  }

  private static Assets of(Map<String, byte[]> files) {
    Map<String, Asset> assets = new HashMap<>();
    files.forEach((name, bytes) -> assets.put("/" + name, Asset.of(name, bytes)));
    Asset index = assets.get("/" + INDEX);
    if (index != null) {
      assets.put("/", index);
    }
    return new Assets(assets);
  }

  private static void readJar(JarURLConnection connection, Map<String, byte[]> files) throws IOException {
    // A cached jar file would be shared with whoever else reads it, and closed under them.
    connection.setUseCaches(false);
    try (JarFile jar = connection.getJarFile()) {
      int total = 0;
      for (Enumeration<JarEntry> entries = jar.entries(); entries.hasMoreElements();) {
        JarEntry entry = entries.nextElement();
        if (!entry.isDirectory() && entry.getName().startsWith(FOLDER)) {
          try (InputStream content = jar.getInputStream(entry)) {
            byte[] bytes = content.readAllBytes();
            total = sum(total, bytes);
            files.put(entry.getName().substring(FOLDER.length()), bytes);
          }
        }
      }
    }
  }

  private static void readFolder(Path folder, Map<String, byte[]> files) throws IOException {
    List<Path> found;
    try (Stream<Path> walk = Files.walk(folder)) {
      found = walk.filter(Files::isRegularFile).toList();
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
    int total = 0;
    for (Path file : found) {
      byte[] bytes = Files.readAllBytes(file);
      total = sum(total, bytes);
      // The name within the folder, with the separators of a URL.
      URI relative = folder.toUri().relativize(file.toUri());
      files.put(relative.getPath(), bytes);
    }
  }

  private static int sum(int total, byte[] bytes) throws IOException {
    if (bytes.length > BYTES_MAX - total) {
      throw new IOException("the page has more than " + BYTES_MAX + " bytes");
    }
    return total + bytes.length;
  }

  Map<String, Asset> byPath() {
    return byPath;
  }
}
