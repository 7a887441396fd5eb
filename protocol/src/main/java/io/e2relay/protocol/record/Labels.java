// SPDX-License-Identifier: Apache-2.0
package io.e2relay.protocol.record;

import com.google.protobuf.ByteString;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;

/// The labels that keep every use of a key and of a hash apart from every other.
public final class Labels {
  /// What SIGN puts before the name of what is signed.
  public static final String SIGNATURE = "e2r/1/sig/";
  public static final String ACCOUNT_RECORD = "e2r/1/account-record";
  public static final String CONVERSATION_ID = "e2r/1/conv-id";
  public static final String GENESIS = "e2r/1/genesis";
  public static final String EPOCH = "e2r/1/epoch";
  public static final String EPOCH_COMMIT = "e2r/1/epoch-commit";
  public static final String GRANT = "e2r/1/grant";
  public static final String MESSAGE = "e2r/1/msg";
  public static final String MESSAGE_HASH = "e2r/1/msg-hash";
  public static final String HISTORY = "e2r/1/hist";
  public static final String AEAD = "e2r/1/aead";
  public static final String SELF = "e2r/1/self";
  public static final String BACKUP_VERIFY = "e2r/1/backup-verify";
  public static final String BACKUP_SHARE = "e2r/1/backup-share";
  public static final String RECOVERY_VERIFY = "e2r/1/recovery-verify";
  public static final String NO_BACKUP_ID = "e2r/1/no-backup-id";
  public static final String NO_BACKUP_SALT = "e2r/1/no-backup-salt";
  public static final String KEY_LOG = "e2r/1/kt-label";
  /// The names that are signed under.
  public static final List<String> SIGNED = List.of("account", "account-cont", "dev-pop", "genesis", "epoch", "grant",
      "msg", "self", "auth");
  /// Every label of `e2r/1`.
  public static final List<String> ALL = Stream.concat(SIGNED.stream().map(name -> SIGNATURE + name),
      Stream.of(ACCOUNT_RECORD, CONVERSATION_ID, GENESIS, EPOCH, EPOCH_COMMIT, GRANT, MESSAGE, MESSAGE_HASH, HISTORY,
          AEAD, SELF, BACKUP_VERIFY, BACKUP_SHARE, RECOVERY_VERIFY, NO_BACKUP_ID, NO_BACKUP_SALT, KEY_LOG, "e2r/1/uid",
          "e2r/1/wrap", "e2r/1/dev-wrap", "e2r/1/ark-wrap", "e2r/1/self-wrap", "e2r/1/file", "e2r/1/filekey",
          "e2r/1/file-root", "e2r/1/backup-auth", "e2r/1/backup-kek", "e2r/1/recovery-auth", "e2r/1/recovery-kek",
          "e2r/1/bk", "e2r/1/bundle", "e2r/1/recovery-code", "e2r/1/enrol"))
      .toList();

  private Labels() {
  }

  /// LBL: the label behind its length, so that none is the beginning of another.
  public static ByteString of(String label) {
    byte[] name = label.getBytes(StandardCharsets.US_ASCII);
    if (name.length > 0xff) {
      throw new IllegalArgumentException("a label has at most 255 bytes");
    }
    byte[] bytes = new byte[1 + name.length];
    bytes[0] = (byte) name.length;
    System.arraycopy(name, 0, bytes, 1, name.length);
    return ByteString.copyFrom(bytes);
  }
}
