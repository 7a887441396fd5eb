// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.crypto;

import static io.e2relay.client.crypto.VectorsCase.filled;
import static io.e2relay.client.crypto.VectorsCase.label;
import static io.e2relay.client.crypto.VectorsCase.number;
import static io.e2relay.client.crypto.VectorsPerson.ALICE;
import static io.e2relay.client.crypto.VectorsPerson.BOB;
import static io.e2relay.client.crypto.VectorsPerson.TENANT;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.record.BackupBlob;
import io.e2relay.protocol.record.Fault;
import io.e2relay.protocol.record.Hash;
import io.e2relay.protocol.record.KdfParameters;
import io.e2relay.protocol.record.Reading;
import io.e2relay.protocol.verify.BackupAccess;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/// backup.json: passwords, bundles and the blobs that hold them.
final class VectorsBackups {
  private static final ByteString PEPPER = filled(0x99, 32);
  private static final ByteString KDF_SALT = filled(1, 32);
  private static final ByteString BACKUP_ID = filled(0xba, 16);
  private static final ByteString CODE = VectorsCase.bytes("000102030405060708090a0b0c0d0e0f10111213");
  private static final ByteString BK = filled(0x44, 32);
  private static final ByteString PW_SALT = filled(0x51, 32);
  private static final ByteString RC_SALT = filled(0x52, 32);
  private static final ByteString BUNDLE_SALT = filled(0x53, 32);
  private static final Hash RECORD = new Hash(filled(0xa5, 32));
  private static final Account OWNER = new Account(TENANT, ALICE.uid());
  private static final BackupVersion VERSION = new BackupVersion(BACKUP_ID, 1);

  private final VectorsFile file = new VectorsFile("backup").given("tenant", TENANT.bytes())
      .given("uid", ALICE.uid().bytes()).given("pepper", PEPPER).given("kdf_salt", KDF_SALT)
      .given("backup_id", BACKUP_ID).given("rc", CODE).given("bk", BK).given("bk_pw_salt", PW_SALT)
      .given("bk_rc_salt", RC_SALT).given("bundle_salt", BUNDLE_SALT).given("ark", ALICE.ark(1))
      .given("aek 1", ALICE.aek(1)).given("aek 2", ALICE.aek(2));

  static VectorsFile file() {
    return new VectorsBackups().write();
  }

  private VectorsFile write() {
    DerivedPassword password = password("ascii", "correct horse battery staple", 600_000);
    // The same in NFKC: a ligature, a half-width letter, a composed and a decomposed letter.
    password("not in NFKC", "\ufb01ne \uff76\uff9e \u00fc u\u0308 \u212b", 600_000);
    password("beyond the first plane, more iterations", "\ud83d\udd11 key", 600_001);
    blob("one generation", password, bundle(1, 1), 1);
    blob("two generations", password, bundle(2, 9), 7);
    ByteString greatest = plain(1000);
    blob("1,000 generations", password, VectorsAccounts.value(Bundle.read(greatest)), (1L << 53) - 1);
    bundles();
    blobFaults(password);
    opening(password);
    ByteString whole = made(password, bundle(1, 1), VERSION).bytes();
    file.altered(VectorsCase.named("by the recovery code").with("record", "BackupBlob").with("bytes", whole), whole,
        bytes -> byCode(bytes, OWNER, CODE));
    ByteString bundle = bundle(1, 1).bytes();
    // A changed private key is found when it is compared with the record's; the bundle alone does not tell.
    file.altered(VectorsCase.named("bundle").with("record", "Bundle").with("bytes", bundle), bundle,
        VectorsBackups::checked);
    return file;
  }

  private static ByteString context(long seq) {
    return TENANT.bytes().concat(ALICE.uid().bytes()).concat(BACKUP_ID).concat(number(8, seq));
  }

  private DerivedPassword password(String name, String text, int iterations) {
    DerivedPassword password = DerivedPassword.of(text, new KdfParameters(iterations, KDF_SALT), ALICE.uid());
    ByteString auth = VectorsCrypto.hkdf(password.root(), ALICE.uid().bytes(), label("e2r/1/backup-auth"), 32);
    VectorsSeals.same(auth, password.auth());
    BackupAccess access = new BackupAccess(TENANT, ALICE.uid(), BACKUP_ID);
    ByteString share = access.share(PEPPER, auth);
    ByteString key = VectorsCrypto.hkdf(password.root().concat(share), ALICE.uid().bytes(),
        label("e2r/1/backup-kek").concat(BACKUP_ID), 32);
    VectorsSeals.same(key, password.key(share, VERSION).toByteString());
    file.positive(VectorsCase.named("password: " + name).with("part", "password").with("password", text)
        .with("iterations", iterations).with("pw_root", password.root()).with("auth", auth)
        .with("verifier", access.verifier(PEPPER, auth)).with("share", share).with("kek_pw", key));
    return password;
  }

  private static Bundle bundle(int generations, long seq) {
    SortedMap<Long, AgreementKey> keys = new TreeMap<>();
    for (long i = 1; i <= generations; i++) {
      keys.put(i, VectorsAccounts.value(AgreementKey.read(ALICE.aek(i).secret(), ALICE.aek(i).point())));
    }
    SigningKey ark = VectorsAccounts.value(SigningKey.read(ALICE.ark(1).secret(), ALICE.ark(1).point()));
    return Bundle.of(RECORD, seq, ark, RecoveryCode.of(CODE), keys);
  }

  /// So many generations of the same key.
  private static ByteString plain(int generations) {
    ByteString bytes = number(1, 1).concat(RECORD.bytes()).concat(number(8, 1)).concat(ALICE.ark(1).secret())
        .concat(CODE).concat(number(2, generations));
    List<ByteString> keys = new ArrayList<>();
    for (int i = 1; i <= generations; i++) {
      keys.add(number(4, i).concat(ALICE.aek(1).secret()));
    }
    return bytes.concat(ByteString.copyFrom(keys));
  }

  private static ByteString share(DerivedPassword password) {
    return new BackupAccess(TENANT, ALICE.uid(), BACKUP_ID).share(PEPPER, password.auth());
  }

  private static BackupBlob made(DerivedPassword password, Bundle bundle, BackupVersion version) {
    return Backup.make(VectorsGiven.bytes(BK, PW_SALT, RC_SALT, BUNDLE_SALT), OWNER, version, password, share(password),
        bundle);
  }

  private void blob(String name, DerivedPassword password, Bundle bundle, long seq) {
    BackupBlob blob = made(password, bundle, new BackupVersion(BACKUP_ID, seq));
    ByteString keyOfCode = VectorsCrypto.hkdf(CODE, ALICE.uid().bytes(), label("e2r/1/recovery-kek").concat(BACKUP_ID),
        32);
    VectorsSeals.same(VectorsCrypto.seal(keyOfCode, "e2r/1/bk", context(seq), BK, RC_SALT).out(), blob.bkRc());
    VectorsSeals.same(VectorsCrypto.seal(BK, "e2r/1/bundle", context(seq), bundle.bytes(), BUNDLE_SALT).out(),
        blob.bundle());
    VectorsSeals.same(bundle.bytes(), (ByteString) VectorsAccounts.value(byCode(blob.bytes(), OWNER, CODE)));
    VectorsAccounts.value(Backup.open(OWNER, blob, password, share(password)));
    VectorsCase described = VectorsCase.named(name).with("part", "blob").with("record", "BackupBlob")
        .with("password", "correct horse battery staple").with("bundle_seq", seq).with("kek_rc", keyOfCode);
    file.positive(bundle.generations().size() > 2
        ? described.with("generations", bundle.generations().size()).hashed("bytes", blob.bytes())
        : described.with("plaintext", bundle.bytes()).with("bytes", blob.bytes()).with("fields",
            VectorsFields.of(blob)));
    if (bundle.generations().size() <= 2) {
      BackupBlob more = new BackupBlob(new KdfParameters(10_000_000, KDF_SALT), blob.backupId(), blob.bundleSeq(),
          blob.bkPw(), blob.bkRc(), blob.bundle());
      file.positive(
          VectorsCase.named(name + ", most iterations").with("part", "blob of the code").with("record", "BackupBlob")
              .with("plaintext", bundle.bytes()).with("bytes", more.bytes()).with("fields", VectorsFields.of(more)));
    }
  }

  private void bundles() {
    for (int n = 1; n <= 3; n++) {
      Bundle bundle = bundle(n, n);
      file.positive(VectorsCase.named("bundle of " + n).with("part", "bundle").with("record", "Bundle")
          .with("bytes", bundle.bytes()).with("fields", fields(n)));
    }
    ByteString good = plain(2);
    unread("version 2", number(1, 2).concat(good.substring(1)), Fault.UNKNOWN_VERSION);
    unread("account_seq 0", good.substring(0, 33).concat(number(8, 0)).concat(good.substring(41)), Fault.OUT_OF_RANGE);
    unread("no generations", good.substring(0, 157).concat(number(2, 0)), Fault.OUT_OF_RANGE);
    unread("1,001 generations", good.substring(0, 157).concat(number(2, 1001)), Fault.OUT_OF_RANGE);
    unread("generation 0", good.substring(0, 159).concat(number(4, 0)).concat(good.substring(163)), Fault.OUT_OF_RANGE);
    unread("generations in another order",
        good.substring(0, 159).concat(good.substring(259)).concat(good.substring(159, 259)), Fault.UNSORTED);
    unread("the same generation twice", good.substring(0, 259).concat(number(4, 1)).concat(good.substring(263)),
        Fault.UNSORTED);
    unread("a byte behind", good.concat(filled(0, 1)), Fault.TRAILING_BYTES);
    ByteString other = BOB.ark(1).secret();
    unread("root of somebody else", good.substring(0, 41).concat(other).concat(good.substring(137)),
        Fault.KEY_MISMATCH);
    unread("key of somebody else", good.substring(0, 163).concat(other).concat(good.substring(259)),
        Fault.KEY_MISMATCH);
  }

  private void unread(String name, ByteString bytes, Fault fault) {
    file.negative(
        VectorsCase.named("bundle: " + name).with("part", "bundle").with("record", "Bundle").with("bytes", bytes),
        fault, checked(bytes));
  }

  private static Map<String, Object> fields(int n) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("ver", 1L);
    fields.put("record_hash", VectorsCase.hex(RECORD.bytes()));
    fields.put("account_seq", (long) n);
    fields.put("ark", VectorsCase.hex(ALICE.ark(1).secret()));
    fields.put("rc", VectorsCase.hex(CODE));
    fields.put("n", (long) n);
    List<Map<String, Object>> keys = new ArrayList<>();
    for (long i = 1; i <= n; i++) {
      Map<String, Object> key = new LinkedHashMap<>();
      key.put("aek_gen", i);
      key.put("aek", VectorsCase.hex(ALICE.aek(i).secret()));
      keys.add(key);
    }
    fields.put("aeks", keys);
    return fields;
  }

  /// Read, and its keys compared with those expected; what else is in a bundle only its seal protects.
  private static Reading<?> checked(ByteString bytes) {
    Reading<Bundle> read = Bundle.read(bytes);
    if (!(read instanceof Reading.Read<Bundle>(Bundle bundle))) {
      return read;
    }
    Reading<?> ark = bundle.accountKey(ALICE.ark(1).point());
    Reading<?> aek = bundle.generations().contains(1L)
        ? bundle.generation(1, ALICE.aek(1).point())
        : new Reading.Unreadable<>(Fault.KEY_MISMATCH);
    return ark instanceof Reading.Unreadable<?> ? ark : aek instanceof Reading.Unreadable<?> ? aek : read;
  }

  private void blobFaults(DerivedPassword password) {
    VectorsParts parts = VectorsParts.backup(made(password, bundle(1, 1), VERSION).bytes());
    refused("version 2", parts.with("ver", 2), Fault.UNKNOWN_VERSION);
    refused("kdf_id 0", parts.with("kdf_id", 0), Fault.WEAK_KDF);
    refused("kdf_id 2", parts.with("kdf_id", 2), Fault.WEAK_KDF);
    refused("599,999 iterations", parts.with("iterations", 599_999), Fault.WEAK_KDF);
    refused("1 iteration", parts.with("iterations", 1), Fault.WEAK_KDF);
    refused("no iterations", parts.with("iterations", 0), Fault.WEAK_KDF);
    refused("10,000,001 iterations", parts.with("iterations", 10_000_001), Fault.WEAK_KDF);
    refused("2^32 - 1 iterations", parts.with("iterations", 0xffff_ffffL), Fault.WEAK_KDF);
    refused("bundle_seq 0", parts.with("bundle_seq", 0), Fault.OUT_OF_RANGE);
    refused("bundle_seq 2^53", parts.with("bundle_seq", 1L << 53), Fault.OUT_OF_RANGE);
    refused("no bundle", parts.with("bundle", ByteString.EMPTY), Fault.WRONG_LENGTH);
    refused("bundle without generations", parts.with("bundle", filled(0, 239)), Fault.WRONG_LENGTH);
    refused("bundle with half a generation", parts.with("bundle", filled(0, 289)), Fault.WRONG_LENGTH);
    refused("bundle with 1,001 generations", parts.with("bundle", filled(0, 239 + 100_100)), Fault.WRONG_LENGTH);
    refused("a byte behind", parts.with("bundle", parts.get("bundle").concat(filled(0, 1))), Fault.WRONG_LENGTH);
    refused("a generation behind", parts.with("bundle", parts.get("bundle").concat(filled(0, 100))), Fault.CANNOT_OPEN);
    refused("key of the password in place of the code's", parts.with("bk_rc", parts.get("bk_pw")), Fault.CANNOT_OPEN);
    refused("another backup_id", parts.with("backup_id", filled(9, 16)), Fault.CANNOT_OPEN);
    refused("another bundle_seq", parts.with("bundle_seq", 2), Fault.CANNOT_OPEN);
    VectorsParts other = VectorsParts.backup(made(password, bundle(1, 1), new BackupVersion(BACKUP_ID, 2)).bytes());
    refused("bundle of another version", parts.with("bundle", other.get("bundle")), Fault.CANNOT_OPEN);
  }

  private void refused(String name, VectorsParts parts, Fault fault) {
    ByteString bytes = parts.joined();
    VectorsCase one = VectorsCase.named(name).with("part", "blob").with("record", "BackupBlob")
        .with("uid", ALICE.uid().bytes()).with("rc", CODE);
    file.negative(one.with("bytes", bytes), fault, byCode(bytes, OWNER, CODE));
  }

  private void opening(DerivedPassword password) {
    ByteString bytes = made(password, bundle(1, 1), VERSION).bytes();
    Uid bob = BOB.uid();
    VectorsCase blob = VectorsCase.named("code of somebody else").with("part", "blob").with("record", "BackupBlob");
    file.negative(blob.with("uid", ALICE.uid().bytes()).with("rc", filled(0x5a, 20)).with("bytes", bytes),
        Fault.CANNOT_OPEN, byCode(bytes, OWNER, filled(0x5a, 20)));
    file.negative(
        blob.with("name", "somebody else's backup").with("uid", bob.bytes()).with("rc", CODE).with("bytes", bytes),
        Fault.CANNOT_OPEN, byCode(bytes, new Account(TENANT, bob), CODE));
  }

  private static Reading<?> byCode(ByteString bytes, Account owner, ByteString code) {
    Reading<BackupBlob> read = BackupBlob.read(bytes);
    if (!(read instanceof Reading.Read<BackupBlob>(BackupBlob blob))) {
      return read;
    }
    Reading<Backup.Opened> opened = Backup.open(owner, blob, RecoveryCode.of(code));
    return opened instanceof Reading.Read<Backup.Opened>(Backup.Opened(BackupVersion _, Bundle bundle))
        ? new Reading.Read<>(bundle.bytes())
        : opened;
  }
}
