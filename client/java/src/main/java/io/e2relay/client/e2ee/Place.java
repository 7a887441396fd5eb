// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.e2ee;

import com.google.protobuf.ByteString;
import io.e2relay.client.crypto.Account;
import io.e2relay.client.crypto.BackupDraft;
import io.e2relay.client.crypto.Bundle;
import io.e2relay.client.crypto.StateKey;
import io.e2relay.protocol.id.TenantId;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.record.Fault;
import io.e2relay.protocol.record.Point;
import io.e2relay.protocol.record.Reading;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What a device's vault says of the account: whose it is, and what was under way when the device was switched off.
final class Place {
  private static final String OWNER = "account/owner";
  private static final String LEAVING = "account/leaving";
  private static final String OFFERED = "account/offered";
  private static final String CREATING = Vault.PASSING + "create";
  private static final String DRAFT = Vault.PASSING + "backup";
  private static final String SECRETS = Vault.PASSING + "secrets";
  private static final ByteString CREATING_PLACE = ByteString.copyFromUtf8(CREATING);
  private static final ByteString DRAFT_PLACE = ByteString.copyFromUtf8(DRAFT);

  private final Vault vault;

  Place(Vault vault) {
    this.vault = vault;
  }

  /// An account in the making: its keys, and the password unless it is one without a backup.
  record Making(Bundle keys, Point root, Point aek, Optional<String> password, boolean generated) {
    @Override
    public String toString() {
      return "Making[secret]";
    }
  }

  Optional<Account> owner() {
    return vault.get(OWNER).map(bytes -> new Account(new TenantId(bytes.substring(0, TenantId.BYTES)),
        new Uid(bytes.substring(TenantId.BYTES))));
  }

  static Map<String, Optional<ByteString>> ownedBy(Account owner) {
    return Map.of(OWNER, Optional.of(owner.tenant().bytes().concat(owner.uid().bytes())));
  }

  Optional<Making> making(StateKey key) {
    return vault.get(CREATING).map(Packed::values)
        .map(fields -> new Making(opened(Bundle.open(key, CREATING_PLACE, fields.getFirst())), new Point(fields.get(1)),
            new Point(fields.get(2)),
            Packed.flag(fields.get(3)) ? Optional.of(fields.get(4).toStringUtf8()) : Optional.empty(),
            Packed.flag(fields.get(5))));
  }

  void make(Making making, Account owner, StateKey key) {
    ByteString packed = Packed.of(making.keys().seal(key, CREATING_PLACE), making.root().bytes(), making.aek().bytes(),
        Packed.flag(making.password().isPresent()), ByteString.copyFromUtf8(making.password().orElse("")),
        Packed.flag(making.generated()));
    Map<String, Optional<ByteString>> changes = new HashMap<>(ownedBy(owner));
    changes.put(CREATING, Optional.of(packed));
    vault.write(changes);
  }

  /// The account is made, or will not be; what is left is to show the secrets.
  void made(Optional<Secrets> secrets) {
    vault.write(Map.of(CREATING, Optional.empty(), DRAFT, Optional.empty(), SECRETS, secrets.map(Secrets::packed)));
  }

  Optional<BackupDraft> draft(StateKey key) {
    return vault.get(DRAFT).map(sealed -> opened(BackupDraft.open(key, DRAFT_PLACE, sealed)));
  }

  static Map<String, Optional<ByteString>> drafted(BackupDraft draft, StateKey key) {
    return Map.of(DRAFT, Optional.of(draft.seal(key, DRAFT_PLACE)));
  }

  void draft(BackupDraft draft, StateKey key) {
    vault.write(drafted(draft, key));
  }

  void noDraft() {
    vault.write(Map.of(DRAFT, Optional.empty()));
  }

  /// The root of the account that this device has offered itself to.
  Optional<Point> offeredTo() {
    return vault.get(OFFERED).map(Point::new);
  }

  void offeredTo(Point root) {
    vault.write(Map.of(OFFERED, Optional.of(root.bytes())));
  }

  Optional<Secrets> secrets() {
    return vault.get(SECRETS).map(Secrets::read);
  }

  void secretsShown() {
    vault.write(Map.of(SECRETS, Optional.empty()));
  }

  boolean isLeaving() {
    return vault.get(LEAVING).isPresent();
  }

  void leave() {
    vault.write(Map.of(LEAVING, Optional.of(Packed.flag(true))));
  }

  /// Leaves nothing.
  void clear() {
    Map<String, Optional<ByteString>> nothing = new HashMap<>();
    // Also where no secret is passing: no trace of anything is to stay.
    nothing.put(SECRETS, Optional.empty());
    List<String> all = vault.keys("");
    all.forEach(key -> nothing.put(key, Optional.empty()));
    vault.write(nothing);
  }

  private static <T> T opened(Reading<T> reading) {
    return switch (reading) {
      case Reading.Read<T>(T value) -> value;
      case Reading.Unreadable<T>(Fault fault) -> throw new IllegalStateException("of another device: " + fault);
    };
  }
}
