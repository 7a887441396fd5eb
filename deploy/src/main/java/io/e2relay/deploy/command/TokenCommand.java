// SPDX-License-Identifier: Apache-2.0
package io.e2relay.deploy.command;

import io.e2relay.deploy.folder.DataFolder;
import io.e2relay.deploy.issuer.DevIssuer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;

/// `token`: prints a development token, from the key of an `up` on this machine.
public final class TokenCommand implements Command {
  private static final Arguments.Known KNOWN = new Arguments.Known(Set.of("--name", "--data", "--ttl"), Set.of("--bot"),
      0);

  @Override
  public String name() {
    return "token";
  }

  @Override
  public void run(List<String> given, Terminal terminal) throws UsageException, FailedException {
    Arguments arguments = Arguments.parse(given, KNOWN);
    String name = arguments.option("--name");
    if (name == null || !DevIssuer.isName(name)) {
      throw new UsageException(("--name: is %s, needed are 1 to %d characters; this is for development only, "
          + "`serve` takes the tokens of your own issuer")
          .formatted(name == null ? "missing" : "'" + name + "'", DevIssuer.NAME_CHARS_MAX));
    }
    Duration ttl = Duration
        .ofSeconds(arguments.number("--ttl", (int) DevIssuer.TTL.toSeconds(), 1, (int) DevIssuer.TTL_MAX.toSeconds()));
    String data = arguments.option("--data");
    Path wanted = data == null ? DataFolder.byDefault(terminal.environment()) : Path.of(data);
    try {
      Path folder = DataFolder.existing(wanted).resolve("issuer");
      if (!Files.exists(folder.resolve("key.pem"))) {
        throw new FailedException(("There is no development issuer in %s: start `up` with it once. "
            + "`serve` takes the tokens of your own issuer.").formatted(wanted));
      }
      DevIssuer issuer = DevIssuer.existing(folder, InstantSource.system());
      terminal.out().println((arguments.has("--bot") ? issuer.bot(name, ttl) : issuer.token(name, ttl)).text());
    } catch (DataFolder.FolderException e) {
      throw new FailedException(e.getMessage(), e);
    } catch (IOException | GeneralSecurityException e) {
      throw new FailedException("The key of the development issuer in %s cannot be used (%s).".formatted(wanted,
          e.getClass().getSimpleName()), e);
    }
  }
}
