// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.backup;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.config.Secret;
import io.e2relay.protocol.config.Settings;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The peppers there are: backups are put under the newest, and those put under an older one still open.
public final class Peppers {
  private static final String FILE = "keys.pepper.file";
  private static final String ALLOWED = "a file that others may not read, with lines of VERSION:64 hex digits, "
      + "versions growing";
  private static final Pattern LINE = Pattern.compile("([1-9][0-9]{0,8}):([0-9a-fA-F]{64})");
  /// Instead of peppers that are not configured as they must be; nothing starts with it.
  private static final Peppers NONE = new Peppers(List.of());

  private final List<Pepper> all;

  private Peppers(List<Pepper> all) {
    this.all = List.copyOf(all);
  }

  public static Peppers read(Settings settings) {
    Secret text = settings.closedFile(FILE, ALLOWED,
        "The peppers of backups; new backups get the last one, so add lines and remove none that backups still need. "
            + "Keep copies apart from the database's: without its pepper a backup opens with the recovery code only.");
    if (text == null) {
      return NONE;
    }
    Peppers peppers = parse(text.reveal());
    if (peppers == null) {
      settings.mistake(FILE, "is not " + ALLOWED);
      return NONE;
    }
    return peppers;
  }

  /// The file's text; null where it is not one.
  public static @Nullable Peppers parse(String text) {
    List<Pepper> all = new ArrayList<>();
    for (String line : text.strip().split("\\R", -1)) {
      Matcher matcher = LINE.matcher(line.strip());
      if (!matcher.matches()) {
        return null;
      }
      int version = Integer.parseInt(matcher.group(1));
      if (!all.isEmpty() && version <= all.getLast().version()) {
        return null;
      }
      all.add(new Pepper(version, ByteString.copyFrom(HexFormat.of().parseHex(matcher.group(2)))));
    }
    return new Peppers(all);
  }

  /// A file's text with one pepper.
  public static String text(Pepper pepper) {
    return pepper.version() + ":" + HexFormat.of().formatHex(pepper.key().toByteArray()) + "\n";
  }

  Pepper newest() {
    return all.getLast();
  }

  /// The one that stays the same when newer ones come.
  Pepper oldest() {
    return all.getFirst();
  }

  @Nullable
  Pepper of(int version) {
    return all.stream().filter(pepper -> pepper.version() == version).findFirst().orElse(null);
  }

  @Override
  public String toString() {
    return "Peppers" + all;
  }
}
