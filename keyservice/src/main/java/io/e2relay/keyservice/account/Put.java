// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.account;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.id.TenantId;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.record.AccountRecord;
import java.util.List;

/// The wish to put a record behind the ones an account has.
///
/// @param tenant of the caller
/// @param wraps the account's newest key for each device of the record, in its order
/// @param rootWraps the account's root key likewise, if the account is strict; else none
public record Put(TenantId tenant, Uid caller, AccountRecord record, List<ByteString> wraps,
    List<ByteString> rootWraps) {
  public Put {
    wraps = List.copyOf(wraps);
    rootWraps = List.copyOf(rootWraps);
  }
}
