// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.crypto;

import static io.e2relay.client.crypto.VectorsCase.plain;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.record.AccountRecord;
import io.e2relay.protocol.record.AccountStatement;
import io.e2relay.protocol.record.BackupBlob;
import io.e2relay.protocol.record.Continuity;
import io.e2relay.protocol.record.Device;
import io.e2relay.protocol.record.Envelope;
import io.e2relay.protocol.record.EpochRecord;
import io.e2relay.protocol.record.EpochStatement;
import io.e2relay.protocol.record.Genesis;
import io.e2relay.protocol.record.GenesisStatement;
import io.e2relay.protocol.record.Grant;
import io.e2relay.protocol.record.GrantStatement;
import io.e2relay.protocol.record.MessageHeader;
import io.e2relay.protocol.record.RosterEntry;
import io.e2relay.protocol.record.SelfBlob;
import java.util.LinkedHashMap;
import java.util.Map;

/// What was read, by the names and in the order of the layouts in docs/PROTOCOL.md.
final class VectorsFields {
  private final Map<String, Object> fields = new LinkedHashMap<>();

  private VectorsFields() {
  }

  private VectorsFields put(String name, Object value) {
    fields.put(name, plain(value instanceof Integer number ? Long.valueOf(number) : value));
    return this;
  }

  static Map<String, Object> of(AccountRecord record) {
    AccountStatement s = record.statement();
    VectorsFields out = new VectorsFields().put("ver", 1).put("suite", 1).put("tenant", s.tenant().bytes())
        .put("uid", s.uid().bytes()).put("seq", s.seq()).put("prev_hash", s.prev().bytes())
        .put("kind", s.kind().number()).put("ark_pub", s.ark().bytes()).put("aek_gen", s.aekGen())
        .put("aek_pub", s.aek().bytes()).put("n", s.devices().size())
        .put("devices", s.devices().stream().map(VectorsFields::of).toList()).put("created_ms", s.createdMs())
        .put("sig_ark", record.byRoot().bytes());
    switch (record.continuity()) {
      case Continuity.None() -> out.put("cont_type", 0);
      case Continuity.ByRoot(var signature) -> out.put("cont_type", 1).put("cont_sig", signature.bytes());
      case Continuity.ByDevice(var device, var signature) ->
        out.put("cont_type", 2).put("cont_device", device.bytes()).put("cont_sig", signature.bytes());
    }
    return out.put("pops", record.pops().stream().map(pop -> pop.bytes()).toList()).fields;
  }

  private static Map<String, Object> of(Device device) {
    return new VectorsFields().put("device_id", device.id().bytes()).put("dsk_pub", device.dsk().bytes())
        .put("dek_pub", device.dek().bytes()).put("added_seq", device.addedSeq())
        .put("added_ms", device.addedMs()).fields;
  }

  static Map<String, Object> of(Genesis genesis) {
    GenesisStatement s = genesis.statement();
    return new VectorsFields().put("ver", 1).put("suite", 1).put("tenant", s.tenant().bytes())
        .put("type", s.type().number()).put("creator_uid", s.creator().uid().bytes())
        .put("creator_device", s.creator().device().bytes()).put("account_seq", s.creator().accountSeq())
        .put("account_hash", s.accountHash().bytes()).put("nonce", s.nonce())
        .put("predecessor", s.predecessor().bytes()).put("history", s.policy().history().number())
        .put("add_policy", s.policy().add().number()).put("rewrap", s.policy().rewrap().number())
        .put("initial_ttl_s", s.initialTtlS()).put("created_ms", s.createdMs())
        .put("sig", genesis.signature().bytes()).fields;
  }

  static Map<String, Object> of(EpochRecord record) {
    EpochStatement s = record.statement();
    return new VectorsFields().put("ver", 1).put("suite", 1).put("conv_id", s.conversation().bytes())
        .put("epoch", s.epoch().value()).put("prev_hash", s.prev().bytes()).put("reason", s.reason().number())
        .put("rotator_uid", s.rotator().uid().bytes()).put("rotator_device", s.rotator().device().bytes())
        .put("account_seq", s.rotator().accountSeq()).put("kc", s.keyCommitment().bytes())
        .put("hist_length", s.histLink().size()).put("hist_link", s.histLink()).put("n", s.roster().size())
        .put("roster", s.roster().stream().map(VectorsFields::of).toList()).put("created_ms", s.createdMs())
        .put("sig", record.signature().bytes()).fields;
  }

  private static Map<String, Object> of(RosterEntry entry) {
    return new VectorsFields().put("uid", entry.uid().bytes()).put("role", entry.role().number())
        .put("state", entry.state().number()).put("account_seq", entry.account().accountSeq())
        .put("account_hash", entry.account().accountHash().bytes()).put("aek_gen", entry.account().aekGen()).fields;
  }

  static Map<String, Object> of(Grant grant) {
    GrantStatement s = grant.statement();
    return new VectorsFields().put("ver", 1).put("conv_id", s.conversation().bytes()).put("epoch", s.epoch().value())
        .put("epoch_hash", s.epochHash().bytes()).put("grantee_uid", s.grantee().bytes())
        .put("account_seq", s.account().accountSeq()).put("account_hash", s.account().accountHash().bytes())
        .put("aek_gen", s.account().aekGen()).put("kind", s.kind().number())
        .put("granter_uid", s.granter().uid().bytes()).put("granter_device", s.granter().device().bytes())
        .put("granter_seq", s.granter().accountSeq()).put("created_ms", s.createdMs())
        .put("sig", grant.signature().bytes()).fields;
  }

  static Map<String, Object> of(Envelope envelope) {
    MessageHeader h = envelope.header();
    return new VectorsFields().put("ver", 1).put("type", h.type().number()).put("conv_id", h.conversation().bytes())
        .put("epoch", h.epoch().value()).put("uid", h.uid().bytes()).put("device_id", h.device().bytes())
        .put("msg_id", h.msgId().bytes()).put("seq", h.seq()).put("prev", h.prev().bytes()).put("ttl_s", h.ttlS())
        .put("body", envelope.body()).put("sig", envelope.signature().bytes()).fields;
  }

  static Map<String, Object> of(SelfBlob blob) {
    return new VectorsFields().put("ver", 1).put("kind", blob.kind().number()).put("counter", blob.counter())
        .put("wrap", blob.wrap()).put("sealed", blob.sealed()).put("sig", blob.signature().bytes()).fields;
  }

  static Map<String, Object> of(BackupBlob blob) {
    ByteString salt = blob.kdf().salt();
    return new VectorsFields().put("ver", 1).put("kdf_id", 1).put("iterations", blob.kdf().iterations())
        .put("salt", salt).put("backup_id", blob.backupId()).put("bundle_seq", blob.bundleSeq())
        .put("bk_pw", blob.bkPw()).put("bk_rc", blob.bkRc()).put("bundle", blob.bundle()).fields;
  }
}
