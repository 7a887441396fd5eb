// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.database;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.e2relay.protocol.id.ConversationId;
import io.e2relay.protocol.id.TenantId;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.wire.History;
import io.e2relay.protocol.wire.MemberState;
import io.e2relay.protocol.wire.Role;
import io.e2relay.protocol.wire.TrustLevel;
import io.vertx.core.buffer.Buffer;
import io.vertx.sqlclient.Row;
import java.util.Collection;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Typed values to columns and back.
public final class Columns {
  private Columns() {
  }

  public static Buffer buffer(ByteString bytes) {
    return Buffer.buffer(bytes.toByteArray());
  }

  /// One behind the other.
  public static Buffer joined(Stream<ByteString> parts) {
    Buffer all = Buffer.buffer();
    parts.forEach(part -> all.appendBytes(part.toByteArray()));
    return all;
  }

  public static Buffer[] uids(Collection<Uid> uids) {
    return uids.stream().map(uid -> buffer(uid.bytes())).toArray(Buffer[]::new);
  }

  public static Short number(int enumNumber) {
    return (short) enumNumber;
  }

  public static @Nullable ByteString bytes(Row row, String column) {
    Buffer value = row.getBuffer(column);
    // A copy of the row's, which nobody else has.
    return value == null ? null : UnsafeByteOperations.unsafeWrap(value.getBytes());
  }

  public static @Nullable Uid uid(Row row, String column) {
    ByteString bytes = bytes(row, column);
    return bytes == null ? null : new Uid(bytes);
  }

  public static @Nullable TenantId tenant(Row row) {
    ByteString bytes = bytes(row, "tenant");
    return bytes == null ? null : new TenantId(bytes);
  }

  public static @Nullable ConversationId conversation(Row row) {
    ByteString bytes = bytes(row, "conversation_id");
    return bytes == null ? null : new ConversationId(bytes);
  }

  public static TrustLevel level(Row row) {
    return Objects.requireNonNull(TrustLevel.forNumber(row.getShort("level")), "level");
  }

  public static History history(Row row) {
    return Objects.requireNonNull(History.forNumber(row.getShort("history")), "history");
  }

  public static Role role(Row row) {
    return Objects.requireNonNull(Role.forNumber(row.getShort("role")), "role");
  }

  public static MemberState state(Row row) {
    return Objects.requireNonNull(MemberState.forNumber(row.getShort("state")), "state");
  }
}
