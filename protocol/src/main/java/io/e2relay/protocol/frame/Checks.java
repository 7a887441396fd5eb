// SPDX-License-Identifier: Apache-2.0
package io.e2relay.protocol.frame;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.error.ErrorCode;
import io.e2relay.protocol.id.ConversationId;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.record.AccountRecord;
import io.e2relay.protocol.record.AccountStatement;
import io.e2relay.protocol.record.BackupBlob;
import io.e2relay.protocol.record.EpochRecord;
import io.e2relay.protocol.record.Genesis;
import io.e2relay.protocol.record.Grant;
import io.e2relay.protocol.record.SelfBlob;
import io.e2relay.protocol.verify.BackupAccess;
import io.e2relay.protocol.wire.ClientFrame;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The kinds of things that are checked of a field; remembers the first that did not hold.
final class Checks {
  private @Nullable ErrorCode code;
  private String detail = "";

  void that(boolean holds, String otherwise) {
    require(holds, ErrorCode.MALFORMED, otherwise);
  }

  void unsupported(String why) {
    require(false, ErrorCode.UNSUPPORTED, why);
  }

  void length(ByteString value, int bytes, String field) {
    if (value.size() != bytes) {
      require(false, ErrorCode.MALFORMED, field + " must have " + bytes + " bytes");
    }
  }

  void conversation(ByteString id) {
    length(id, ConversationId.BYTES, "conversation_id");
  }

  void conversations(List<ByteString> ids, String field) {
    ids(ids, ConversationId.BYTES, Limits.CURSORS_PER_REQUEST_MAX, field);
  }

  void accounts(List<ByteString> uids) {
    ids(uids, Uid.BYTES, Limits.ACCOUNTS_PER_REQUEST_MAX, "accounts");
  }

  void account(ByteString record) {
    require(record.size() <= AccountRecord.BYTES_MAX, ErrorCode.TOO_LARGE, "record is too large");
  }

  void deviceWraps(List<ByteString> wraps, String field) {
    require(wraps.size() <= AccountStatement.DEVICES_MAX, ErrorCode.LIMIT_EXCEEDED, field + " has too many items");
    that(wraps.stream().allMatch(wrap -> wrap.size() == AccountRecord.DEVICE_WRAP_BYTES),
        "every wrap must have " + AccountRecord.DEVICE_WRAP_BYTES + " bytes");
  }

  void genesis(ByteString record) {
    length(record, Genesis.BYTES, "genesis");
  }

  /// What is in it is for the key service; here it only must not be larger than that of the largest roster.
  void epoch(ByteString record) {
    that(!record.isEmpty(), "record is empty");
    require(record.size() <= EpochRecord.BYTES_MAX, ErrorCode.TOO_LARGE, "record is too large");
  }

  void epochWraps(List<ByteString> wraps) {
    require(wraps.size() <= Limits.MEMBERS_PER_REQUEST_MAX, ErrorCode.LIMIT_EXCEEDED, "wraps has too many items");
    that(wraps.stream().allMatch(wrap -> wrap.size() == EpochRecord.WRAP_BYTES),
        "every wrap must have " + EpochRecord.WRAP_BYTES + " bytes");
  }

  void grant(ByteString record) {
    length(record, Grant.BYTES, "grant");
  }

  /// What is in the blob is for the key service; here it only must not be larger than any is.
  void backup(ByteString blob) {
    that(!blob.isEmpty(), "blob is empty");
    require(blob.size() <= BackupBlob.BYTES_MAX, ErrorCode.TOO_LARGE, "blob is too large");
  }

  void proof(ByteString proof, String field) {
    length(proof, BackupAccess.PROOF_BYTES, field);
  }

  void self(ByteString blob) {
    that(!blob.isEmpty(), "blob is empty");
    require(blob.size() <= SelfBlob.BYTES_MAX, ErrorCode.TOO_LARGE, "blob is too large");
  }

  /// A kind that this release does not know has no blobs here, and that is an answer too.
  void selfKinds(List<Integer> kinds) {
    require(kinds.size() <= Limits.SELF_KINDS_PER_REQUEST_MAX, ErrorCode.LIMIT_EXCEEDED, "kinds has too many items");
    if (code == null) {
      that(kinds.stream().allMatch(kind -> kind >= 1 && kind <= 0xff), "every kind must lie between 1 and 255");
      that(Set.copyOf(kinds).size() == kinds.size(), "kinds names something twice");
    }
  }

  void members(List<ByteString> uids) {
    ids(uids, Uid.BYTES, Limits.MEMBERS_PER_REQUEST_MAX, "members");
  }

  /// A seq or an epoch. Unsigned on the wire, so what looks negative here is far too large.
  void count(long value, String field) {
    if (value < 0 || value > Limits.SEQ_MAX) {
      require(false, ErrorCode.MALFORMED, field + " is beyond 2^53 - 1");
    }
  }

  void token(String token) {
    require(token.length() <= Limits.TOKEN_CHARS_MAX, ErrorCode.TOO_LARGE, "token is too long");
  }

  void client(String client) {
    require(client.length() <= Limits.CLIENT_CHARS_MAX, ErrorCode.TOO_LARGE, "client is too long");
    for (int i = 0; i < client.length(); i++) {
      that(!Character.isISOControl(client.charAt(i)), "client has control characters");
    }
  }

  void body(ByteString body) {
    that(!body.isEmpty(), "body is empty");
    require(body.size() <= Limits.BODY_BYTES_MAX, ErrorCode.TOO_LARGE, "body is too large");
  }

  Decoded decide(ClientFrame frame) {
    return code == null ? new Decoded.Valid(frame) : new Decoded.Malformed(frame.getId(), code, detail);
  }

  private void ids(List<ByteString> ids, int bytes, int max, String field) {
    if (ids.size() > max) {
      require(false, ErrorCode.LIMIT_EXCEEDED, field + " has too many items");
    } else if (ids.stream().anyMatch(id -> id.size() != bytes)) {
      require(false, ErrorCode.MALFORMED, "every id in " + field + " must have " + bytes + " bytes");
    } else if (Set.copyOf(ids).size() != ids.size()) {
      require(false, ErrorCode.MALFORMED, field + " names something twice");
    }
  }

  private void require(boolean holds, ErrorCode otherwise, String why) {
    if (!holds && code == null) {
      code = otherwise;
      detail = why;
    }
  }
}
