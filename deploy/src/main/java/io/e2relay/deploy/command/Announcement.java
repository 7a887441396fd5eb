// SPDX-License-Identifier: Apache-2.0
package io.e2relay.deploy.command;

import io.e2relay.deploy.certificate.DevCertificate;
import io.e2relay.relay.http.PublicHttp;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/// What `up` says once everything runs.
record Announcement(Terminal terminal, @Nullable Path chosenData) {
  private static final String PAGE = "web/index.html";

  void print(ListenAddress address, int internalPort, Path data, DevCertificate certificate, boolean issuer) {
    String launcher = System.getProperty("e2relay.launcher", "deploy/e2relay");
    boolean hasPage = Announcement.class.getClassLoader().getResource(PAGE) != null;
    StringBuilder text = new StringBuilder("\ne2relay is up.\n\n");
    line(text, "page", address.origin() + "/" + (hasPage ? "" : "   (not built: Node 20 or newer was missing)"));
    line(text, "WSS", address.origin().replace("https://", "wss://") + PublicHttp.CONNECT_PATH);
    line(text, "token",
        issuer
            ? quoted(launcher) + " token --name alice"
                + (chosenData == null ? "" : " --data " + quoted(data.toString())) + "   (the page gets its own)"
            : "from your own issuer");
    line(text, "data", data.toString());
    line(text, "certificate", "SHA-256 " + certificate.fingerprint());
    line(text, "authority", certificate.authority().toString());
    line(text, "health", "http://127.0.0.1:" + internalPort + "/health/ready");
    line(text, "metrics", "http://127.0.0.1:" + internalPort + "/metrics");
    text.append("""

        The browser warns once, because this machine made its certificate itself: compare the fingerprint, or import
        the authority. Conversations on the page are not encrypted. Ctrl-C stops everything; the data stays.
        """);
    terminal.out().print(text);
    terminal.out().flush();
  }

  void printEnd() {
    terminal.out().println("e2relay stops; the data stays.");
  }

  private static void line(StringBuilder text, String name, String value) {
    text.append("  ").append(name).append(" ".repeat(13 - name.length())).append(value).append('\n');
  }

  /// As a shell reads it.
  private static String quoted(String path) {
    return path.matches("[A-Za-z0-9_./-]+") ? path : "'" + path.replace("'", "'\\''") + "'";
  }
}
