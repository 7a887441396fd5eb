// SPDX-License-Identifier: Apache-2.0
package io.e2relay.deploy.command;

import com.google.protobuf.ByteString;
import io.e2relay.deploy.folder.DataFolder.FolderException;
import io.e2relay.deploy.folder.OwnFile;
import io.e2relay.keyservice.backup.Pepper;
import io.e2relay.keyservice.backup.Peppers;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;

/// The peppers of `up`: made the first time, and kept in the data folder from then on.
final class OwnPeppers {
  private static final String NAME = "pepper";

  private OwnPeppers() {
  }

  static Peppers in(Path folder) throws FolderException {
    Path file = folder.resolve(NAME);
    try {
      if (!Files.exists(file)) {
        byte[] key = new byte[Pepper.BYTES];
        new SecureRandom().nextBytes(key);
        OwnFile.writeSecret(file, Peppers.text(new Pepper(1, ByteString.copyFrom(key))));
      }
      Peppers peppers = Peppers.parse(Files.readString(file, StandardCharsets.US_ASCII));
      if (peppers == null) {
        // Not replaced by another: the backups in the data folder need the one that was here.
        throw new FolderException(
            "The file %s is no file of peppers: put back the one that was there.".formatted(file));
      }
      return peppers;
    } catch (IOException e) {
      throw FolderException.of(folder, e);
    }
  }
}
