// SPDX-License-Identifier: Apache-2.0
package io.e2relay.deploy.command;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/// What a command says about itself. The launcher prints the same files, so that help needs no build.
public final class HelpText {
  private HelpText() {
  }

  public static String of(String name) {
    try (InputStream text = HelpText.class.getResourceAsStream("/io/e2relay/deploy/help/" + name + ".txt")) {
      if (text == null) {
        throw new IllegalStateException("nobody wrote help for " + name);
      }
      return new String(text.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
