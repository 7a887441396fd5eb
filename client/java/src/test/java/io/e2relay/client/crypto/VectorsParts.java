// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.crypto;

import static io.e2relay.client.crypto.VectorsCase.number;
import static java.util.Objects.requireNonNull;

import com.google.protobuf.ByteString;
import java.util.LinkedHashMap;
import java.util.Map;

/// A record as its fields' bytes, so that a test can write what no writer of the product would.
record VectorsParts(Map<String, ByteString> parts) {
  private static final int DEVICE_BYTES = 162;
  private static final int ENTRY_BYTES = 62;
  private static final int SIGNATURE_BYTES = 64;

  /// The fields and their lengths, in order; `*` is all that is left for the fields behind it.
  static VectorsParts of(ByteString record, String lengths) {
    Map<String, ByteString> parts = new LinkedHashMap<>();
    int at = 0;
    String[] fields = lengths.split(" ");
    for (int i = 0; i < fields.length; i++) {
      String[] field = fields[i].split(":");
      int behind = 0;
      for (int j = i + 1; field[1].equals("*") && j < fields.length; j++) {
        behind += Integer.parseInt(fields[j].split(":")[1]);
      }
      int length = field[1].equals("*") ? record.size() - at - behind : Integer.parseInt(field[1]);
      parts.put(field[0], record.substring(at, at + length));
      at += length;
    }
    if (at != record.size()) {
      throw new IllegalArgumentException(lengths + " is not " + record.size() + " bytes");
    }
    return new VectorsParts(parts);
  }

  static VectorsParts account(ByteString record) {
    int devices = record.byteAt(210);
    int pops = devices * SIGNATURE_BYTES;
    return of(record, "ver:1 suite:2 tenant:16 uid:16 seq:8 prev_hash:32 kind:1 ark_pub:65 aek_gen:4 aek_pub:65 n:1 "
        + "devices:" + devices * DEVICE_BYTES + " created_ms:8 sig_ark:64 cont_type:1 cont:* pops:" + pops);
  }

  static VectorsParts device(ByteString device) {
    return of(device, "device_id:16 dsk_pub:65 dek_pub:65 added_seq:8 added_ms:8");
  }

  static VectorsParts genesis(ByteString record) {
    return of(record, "ver:1 suite:2 tenant:16 type:1 creator_uid:16 creator_device:16 account_seq:8 account_hash:32 "
        + "nonce:32 predecessor:32 history:1 add_policy:1 rewrap:1 initial_ttl_s:4 created_ms:8 sig:64");
  }

  static VectorsParts epoch(ByteString record) {
    int link = record.byteAt(145) == 0 ? 0 : 112;
    return of(record, "ver:1 suite:2 conv_id:32 epoch:4 prev_hash:32 reason:1 rotator_uid:16 rotator_device:16 "
        + "account_seq:8 kc:32 hist_length:2 hist_link:" + link + " n:2 roster:* created_ms:8 sig:64");
  }

  static VectorsParts entry(ByteString entry) {
    return of(entry, "uid:16 role:1 state:1 account_seq:8 account_hash:32 aek_gen:4");
  }

  static VectorsParts grant(ByteString record) {
    return of(record, "ver:1 conv_id:32 epoch:4 epoch_hash:32 grantee_uid:16 account_seq:8 account_hash:32 aek_gen:4 "
        + "kind:1 granter_uid:16 granter_device:16 granter_seq:8 created_ms:8 sig:64");
  }

  static VectorsParts envelope(ByteString record) {
    return of(record,
        "ver:1 type:1 conv_id:32 epoch:4 uid:16 device_id:16 msg_id:16 seq:8 prev:32 ttl_s:4 body:* sig:64");
  }

  static VectorsParts self(ByteString record) {
    return of(record, "ver:1 kind:1 counter:8 wrap:113 sealed:* sig:64");
  }

  static VectorsParts backup(ByteString record) {
    return of(record, "ver:1 kdf_id:1 iterations:4 salt:32 backup_id:16 bundle_seq:8 bk_pw:112 bk_rc:112 bundle:*");
  }

  ByteString get(String name) {
    return requireNonNull(parts.get(name), name);
  }

  VectorsParts with(String name, ByteString bytes) {
    get(name);
    Map<String, ByteString> other = new LinkedHashMap<>(parts);
    other.put(name, bytes);
    return new VectorsParts(other);
  }

  /// As many bytes as it has.
  VectorsParts with(String name, long value) {
    return with(name, number(get(name).size(), value));
  }

  /// The i-th of the entries of a list.
  ByteString entry(String list, int i) {
    int size = list.equals("devices") ? DEVICE_BYTES : ENTRY_BYTES;
    return get(list).substring(i * size, (i + 1) * size);
  }

  VectorsParts withEntry(String list, int i, ByteString entry) {
    ByteString all = get(list);
    return with(list, all.substring(0, i * entry.size()).concat(entry).concat(all.substring((i + 1) * entry.size())));
  }

  ByteString joined() {
    return parts.values().stream().reduce(ByteString.EMPTY, ByteString::concat);
  }

  /// All before that field.
  ByteString before(String name) {
    ByteString bytes = ByteString.EMPTY;
    for (Map.Entry<String, ByteString> part : parts.entrySet()) {
      if (part.getKey().equals(name)) {
        return bytes;
      }
      bytes = bytes.concat(part.getValue());
    }
    throw new IllegalArgumentException(name);
  }

  /// Signed anew over what is before the signature, so that nothing else is wrong with it.
  VectorsParts signed(String field, VectorsKeys keys, String name) {
    return with(field, keys.sign(name, before(field)).bytes());
  }
}
