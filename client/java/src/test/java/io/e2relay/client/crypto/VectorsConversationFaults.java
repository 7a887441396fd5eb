// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.crypto;

import static io.e2relay.client.crypto.VectorsCase.filled;
import static io.e2relay.client.crypto.VectorsPerson.ALICE;
import static io.e2relay.client.crypto.VectorsPerson.BOB;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.record.Fault;
import java.util.function.UnaryOperator;

/// The faults of genesis.json; each expected fault was written down from the text of the protocol.
final class VectorsConversationFaults {
  private static final long BEYOND = 1L << 53;

  private final VectorsFile file;

  VectorsConversationFaults(VectorsFile file) {
    this.file = file;
  }

  void genesis() {
    numbers();
    context();
    ByteString whole = VectorsWorld.GENESIS.bytes();
    refused("a byte behind", whole.concat(filled(0, 1)), Fault.TRAILING_BYTES);
    refused("no bytes", ByteString.EMPTY, Fault.TRUNCATED);
    VectorsParts parts = VectorsParts.genesis(whole);
    ByteString tbs = parts.before("sig");
    refused("signed by another device", parts.with("sig", ALICE.dsk(2).sign("genesis", tbs).bytes()).joined(),
        Fault.BAD_SIGNATURE);
    refused("signed by another user", parts.with("sig", BOB.dsk(1).sign("genesis", tbs).bytes()).joined(),
        Fault.BAD_SIGNATURE);
    refused("signed by the root", parts.with("sig", ALICE.ark(1).sign("genesis", tbs).bytes()).joined(),
        Fault.BAD_SIGNATURE);
    refused("signed under another name", parts.with("sig", ALICE.dsk(1).sign("epoch", tbs).bytes()).joined(),
        Fault.BAD_SIGNATURE);
  }

  private void numbers() {
    number("version 0", Fault.UNKNOWN_VERSION, "ver", 0);
    number("version 2", Fault.UNKNOWN_VERSION, "ver", 2);
    number("suite 2", Fault.UNKNOWN_SUITE, "suite", 2);
    number("type 0", Fault.UNKNOWN_VALUE, "type", 0);
    number("type 3", Fault.UNKNOWN_VALUE, "type", 3);
    number("account_seq 0", Fault.OUT_OF_RANGE, "account_seq", 0);
    number("account_seq 2^53", Fault.OUT_OF_RANGE, "account_seq", BEYOND);
    number("history 2", Fault.UNKNOWN_VALUE, "history", 2);
    number("add_policy 3", Fault.UNKNOWN_VALUE, "add_policy", 3);
    number("rewrap 3", Fault.UNKNOWN_VALUE, "rewrap", 3);
    number("created_ms 2^53", Fault.OUT_OF_RANGE, "created_ms", BEYOND);
  }

  private void context() {
    edited("another tenant", Fault.WRONG_CONTEXT, parts -> parts.with("tenant", filled(0x71, 16)));
    number("record that nobody knows", Fault.NOT_A_SIGNER, "account_seq", 9);
    number("hash of another record", Fault.NOT_A_SIGNER, "account_seq", 2);
    edited("another hash", Fault.NOT_A_SIGNER, parts -> parts.with("account_hash", filled(9, 32)));
    edited("user that nobody knows", Fault.NOT_A_SIGNER, parts -> parts.with("creator_uid", filled(9, 16)));
    edited("device that the record lacks", Fault.NOT_A_SIGNER,
        parts -> parts.with("creator_device", ALICE.device(2).bytes()));
    edited("revoked device", Fault.NOT_A_SIGNER, parts -> parts.with("creator_device", ALICE.device(2).bytes())
        .with("account_seq", 3).with("account_hash", VectorsWorld.ALICE_3.hash().bytes()));
  }

  private void number(String name, Fault fault, String field, long value) {
    edited(name, fault, parts -> parts.with(field, value));
  }

  private void edited(String name, Fault fault, UnaryOperator<VectorsParts> edit) {
    VectorsParts parts = edit.apply(VectorsParts.genesis(VectorsWorld.GENESIS.bytes()));
    refused(name, parts.signed("sig", ALICE.dsk(1), "genesis").joined(), fault);
  }

  private void refused(String name, ByteString bytes, Fault fault) {
    file.negative(
        VectorsCase.named(name).with("record", "Genesis").with("accounts", VectorsWorld.USUAL).with("bytes", bytes),
        fault, VectorsConversations.genesisOutcome(bytes, VectorsWorld.known(VectorsWorld.USUAL)));
  }
}
