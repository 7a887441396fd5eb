// SPDX-License-Identifier: Apache-2.0
package io.e2relay.deploy.interop;

import static io.e2relay.deploy.interop.JavaSide.bytes;
import static io.e2relay.deploy.interop.JavaSide.hex;
import static io.e2relay.deploy.interop.JavaSide.random;
import static io.e2relay.deploy.interop.Operation.outcome;
import static io.e2relay.deploy.interop.Operation.value;
import static java.util.Objects.requireNonNull;

import com.google.protobuf.ByteString;
import io.e2relay.client.crypto.AgreementKey;
import io.e2relay.client.crypto.Backup;
import io.e2relay.client.crypto.BackupVersion;
import io.e2relay.client.crypto.Bundle;
import io.e2relay.client.crypto.DerivedPassword;
import io.e2relay.client.crypto.FileDescriptor;
import io.e2relay.client.crypto.FileSealing;
import io.e2relay.client.crypto.RecoveryCode;
import io.e2relay.protocol.id.Epoch;
import io.e2relay.protocol.record.BackupBlob;
import io.e2relay.protocol.record.Fault;
import io.e2relay.protocol.record.Hash;
import io.e2relay.protocol.record.Reading;
import io.vertx.core.json.JsonObject;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Backups and files.
final class StorageOperations {
  private static final int MEBIBYTE = 1_048_576;
  private static final int[] LARGE = {0, 1, MEBIBYTE - 1, MEBIBYTE, MEBIBYTE + 1, 25 * MEBIBYTE};
  private static final String[] LETTERS = {"a", "Z", "9", " ", "\u00e4", "A\u030a", "\ufb01", "\u212b", "\uff76\uff9e",
      "\ud83d\udd11", "\u20ac"};

  private StorageOperations() {
  }

  private static Bundle bundle(JavaSide me, RandomGenerator random) {
    TreeMap<Long, AgreementKey> generations = new TreeMap<>();
    for (long i = random.nextInt(1, 4); i > 0; i--) {
      generations.put(i, AgreementKey.generate());
    }
    return Bundle.of(new Hash(random(32)), random.nextLong(1, 1_000_000_000), me.ark, RecoveryCode.generate(),
        generations);
  }

  private static String told(Bundle bundle) {
    return hex(bundle.recordHash().bytes()) + " " + bundle.accountSeq() + " "
        + bundle.generations().stream().map(String::valueOf).collect(Collectors.joining(" "));
  }

  /// By the recovery code: the password was derived once for all of them.
  static final class Backups implements Operation {
    private final JavaSide me;
    private @Nullable DerivedPassword password;

    Backups(JavaSide me) {
      this.me = me;
    }

    @Override
    public JsonObject begin() {
      password = DerivedPassword.of("one password", DerivedPassword.newParameters(), me.uid);
      return new JsonObject();
    }

    @Override
    public One make(RandomGenerator random, int index) {
      Bundle bundle = bundle(me, random);
      BackupBlob blob = Backup.make(me.account, BackupVersion.first().next(), requireNonNull(password), random(32),
          bundle);
      return new One(new JsonObject().put("blob", hex(blob.bytes())).put("code", bundle.recoveryCode().reveal()),
          told(bundle));
    }

    @Override
    public String open(JsonObject item) {
      RecoveryCode code = value(RecoveryCode.read(item.getString("code")));
      return switch (BackupBlob.read(bytes(item.getString("blob")))) {
        case Reading.Unreadable<BackupBlob>(Fault fault) -> fault.name();
        case Reading.Read<BackupBlob>(BackupBlob blob) ->
          outcome(Backup.open(me.otherAccount(), blob, code), opened -> told(opened.bundle()));
      };
    }
  }

  record Passwords(JavaSide me) implements Operation {
    @Override
    public One make(RandomGenerator random, int index) {
      String text = random.ints(12, 0, LETTERS.length).mapToObj(i -> LETTERS[i]).collect(Collectors.joining());
      Bundle bundle = bundle(me, random);
      ByteString share = random(32);
      DerivedPassword password = DerivedPassword.of(text, DerivedPassword.newParameters(), me.uid);
      BackupBlob blob = Backup.make(me.account, BackupVersion.first(), password, share, bundle);
      return new One(new JsonObject().put("blob", hex(blob.bytes())).put("password", text).put("share", hex(share)),
          told(bundle));
    }

    @Override
    public String open(JsonObject item) {
      return switch (BackupBlob.read(bytes(item.getString("blob")))) {
        case Reading.Unreadable<BackupBlob>(Fault fault) -> fault.name();
        case Reading.Read<BackupBlob>(BackupBlob blob) -> {
          DerivedPassword password = DerivedPassword.of(item.getString("password"), blob.kdf(), me.otherUid());
          yield outcome(Backup.open(me.otherAccount(), blob, password, bytes(item.getString("share"))),
              opened -> told(opened.bundle()));
        }
      };
    }
  }

  static final class SealedFiles implements Operation {
    private final JavaSide me;
    private final @Nullable Path folder;
    private JavaSide.@Nullable Joined joined;

    /// With a folder: the large ones, there.
    SealedFiles(JavaSide me, @Nullable Path folder) {
      this.me = me;
      this.folder = folder;
    }

    @Override
    public JsonObject begin() {
      return me.handed(List.of(me.mine()));
    }

    @Override
    public One make(RandomGenerator random, int index) {
      ByteString data = random(folder == null ? random.nextInt(3000) : LARGE[index]);
      String name = "file " + index + " \u00e4";
      ByteArrayOutputStream sealed = new ByteArrayOutputStream();
      var place = new FileSealing.Place(me.mine().record().statement().conversation(), Epoch.FIRST);
      FileDescriptor descriptor = FileSealing.seal(me.mine().key(), place, name, "application/x-test", data.newInput(),
          sealed);
      return new One(
          new JsonObject().put("descriptor", hex(descriptor.bytes())).put("sealed", kept(index, sealed.toByteArray())),
          name + " " + hex(Hash.of(data).bytes()));
    }

    private String kept(int index, byte[] sealed) {
      if (folder == null) {
        return hex(ByteString.copyFrom(sealed));
      }
      try {
        return Files.write(folder.resolve("java-" + index), sealed).toString();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    @Override
    public void receive(JsonObject shared) {
      joined = me.joined(shared);
    }

    @Override
    public String open(JsonObject item) {
      JavaSide.Joined in = requireNonNull(joined);
      var place = new FileSealing.Place(in.epoch().statement().conversation(), Epoch.FIRST);
      return switch (FileDescriptor.read(bytes(item.getString("descriptor")))) {
        case Reading.Unreadable<FileDescriptor>(Fault fault) -> fault.name();
        case Reading.Read<FileDescriptor>(FileDescriptor descriptor) -> {
          ByteArrayOutputStream plain = new ByteArrayOutputStream();
          yield outcome(
              FileSealing.open(in.key(), place, descriptor, sealed(item.getString("sealed")).newInput(), plain),
              one -> one.name() + " " + hex(Hash.of(ByteString.copyFrom(plain.toByteArray())).bytes()));
        }
      };
    }

    private ByteString sealed(String where) {
      try {
        return folder == null ? bytes(where) : ByteString.copyFrom(Files.readAllBytes(Path.of(where)));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
