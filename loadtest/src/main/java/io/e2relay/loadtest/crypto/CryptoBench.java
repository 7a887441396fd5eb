// SPDX-License-Identifier: Apache-2.0
package io.e2relay.loadtest.crypto;

import com.google.protobuf.ByteString;
import io.e2relay.client.crypto.AgreementKey;
import io.e2relay.client.crypto.DerivedPassword;
import io.e2relay.client.crypto.FileDescriptor;
import io.e2relay.client.crypto.FileSealing;
import io.e2relay.client.crypto.Sealing;
import io.e2relay.client.crypto.SigningKey;
import io.e2relay.client.crypto.SymmetricKey;
import io.e2relay.client.crypto.Wrapping;
import io.e2relay.protocol.id.ConversationId;
import io.e2relay.protocol.id.Epoch;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.record.Hash;
import io.e2relay.protocol.record.KdfParameters;
import io.e2relay.protocol.record.Reading;
import io.e2relay.protocol.record.Signature;
import io.e2relay.protocol.verify.Signatures;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.List;

/// Measures what the client's cryptography costs beyond the primitives it is made of. Run by
/// `deploy/e2relay bench crypto`; a ratio of 1.2 is the aim.
public final class CryptoBench {
  private static final int MEBIBYTE = 1_048_576;
  private static final int FILE_MEBIBYTES = 16;
  private static final int MEMBERS = 1000;
  private static final int CONTEXT_BYTES = 162;
  private static final int SIGNED_BYTES = 64;
  // Of a label with its length before it.
  private static final int LABEL_BYTES = 11;
  private static final int WRAP_INFO_BYTES = 99;
  // Of a signed account with one device.
  private static final int ACCOUNT_BYTES = 418;
  private static final int PASSWORD_ITERATIONS = 600_000;

  private final Primitives primitives = new Primitives();
  private final SymmetricKey key = SymmetricKey.generate();
  private final ByteString context = bytes(CONTEXT_BYTES);

  private CryptoBench() throws GeneralSecurityException {
  }

  public static void main(String[] arguments) throws Exception {
    IO.println("Java %s, %s, %d processors".formatted(Runtime.version(), System.getProperty("os.arch"),
        Runtime.getRuntime().availableProcessors()));
    IO.println("%-22s %14s %14s %8s".formatted("operation", "us", "primitives us", "ratio"));
    List<Contest.Result> results = new ArrayList<>();
    List<Contest> contests = new CryptoBench().contests();
    for (Contest contest : contests) {
      contest.warmUp();
    }
    for (Contest contest : contests) {
      Contest.Result result = contest.run();
      results.add(result);
      IO.println(result.row());
    }
    for (Contest.Result result : results) {
      IO.println(result.shown());
      if (result.name().startsWith("file-")) {
        IO.println("shown: bench-crypto language=java op=%s mb-per-s=%.0f".formatted(result.name(),
            FILE_MEBIBYTES * MEBIBYTE / result.micros()));
      }
    }
  }

  private List<Contest> contests() throws Exception {
    List<Contest> all = new ArrayList<>();
    for (int size : new int[]{256, 4096, 65_536}) {
      all.add(seal(size));
      all.add(open(size));
    }
    all.addAll(wraps());
    all.addAll(signatures());
    all.addAll(files());
    all.add(password());
    all.add(epoch());
    return all;
  }

  private Contest seal(int size) {
    ByteString plain = bytes(size);
    byte[] same = new byte[size];
    return new Contest("seal-" + size, () -> Sealing.seal(key, Sealing.Label.MESSAGE, context, plain), () -> {
      primitives.random(Primitives.HASH_BYTES);
      sealKeys();
      primitives.encrypt(CONTEXT_BYTES + 2 * Primitives.HASH_BYTES, same);
    }, 1500);
  }

  private Contest open(int size) throws GeneralSecurityException {
    ByteString sealed = Sealing.seal(key, Sealing.Label.MESSAGE, context, bytes(size));
    int aad = CONTEXT_BYTES + 2 * Primitives.HASH_BYTES;
    byte[] same = primitives.sealed(aad, size);
    return new Contest("open-" + size, () -> require(Sealing.open(key, Sealing.Label.MESSAGE, context, sealed)), () -> {
      sealKeys();
      primitives.decrypt(aad, same);
    }, 1500);
  }

  /// The key of the sealing, and the three parts that come from it.
  private void sealKeys() throws GeneralSecurityException {
    primitives.hkdf(LABEL_BYTES - 1 + CONTEXT_BYTES, 1);
    primitives.hkdf(LABEL_BYTES, 3);
  }

  private List<Contest> wraps() {
    AgreementKey recipient = AgreementKey.generate();
    var what = new Wrapping.ConversationWrap(new ConversationId(bytes(32)), Epoch.FIRST, new Uid(bytes(16)), 1,
        new Hash(bytes(32)));
    ByteString wrapped = Wrapping.wrap(key, recipient.publicKey(), what);
    return List.of(
        new Contest("wrap", () -> Wrapping.wrap(key, recipient.publicKey(), what),
            () -> primitives.wrap(WRAP_INFO_BYTES, 32, 32), 300),
        new Contest("unwrap", () -> require(Wrapping.unwrap(recipient, what, wrapped)),
            () -> primitives.unwrap(WRAP_INFO_BYTES, 32, 32), 400));
  }

  private List<Contest> signatures() throws GeneralSecurityException {
    SigningKey signing = SigningKey.generate();
    ByteString message = bytes(SIGNED_BYTES);
    Signature signature = signing.sign("msg", message);
    byte[] same = new byte[14 + SIGNED_BYTES];
    byte[] signed = primitives.sign(same);
    return List.of(new Contest("sign", () -> signing.sign("msg", message), () -> primitives.sign(same), 600),
        new Contest("verify", () -> {
          if (!Signatures.verify(signing.publicKey(), "msg", message, signature)) {
            throw new IllegalStateException("a signature does not verify");
          }
        }, () -> primitives.verify(same, signed), 300));
  }

  private List<Contest> files() throws GeneralSecurityException {
    byte[] plain = new byte[FILE_MEBIBYTES * MEBIBYTE];
    FileSealing.Place place = new FileSealing.Place(new ConversationId(bytes(32)), Epoch.FIRST);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    FileDescriptor descriptor = FileSealing.seal(key, place, "", "", new ByteArrayInputStream(plain), out);
    byte[] sealed = out.toByteArray();
    // The tags and the header need a little more than the file's own mebibytes.
    int segments = FILE_MEBIBYTES;
    byte[] segment = new byte[MEBIBYTE];
    byte[] same = primitives.sealedSegment();
    return List
        .of(new Contest("file-seal-16MiB",
            () -> FileSealing.seal(key, place, "", "", new ByteArrayInputStream(plain),
                OutputStream.nullOutputStream()),
            () -> primitives.sealFile(segment, segments), 6),
            new Contest(
                "file-open-16MiB", () -> require(FileSealing.open(key, place, descriptor,
                    new ByteArrayInputStream(sealed), OutputStream.nullOutputStream())),
                () -> primitives.openFile(same, segment, segments), 6));
  }

  private Contest password() {
    KdfParameters parameters = new KdfParameters(PASSWORD_ITERATIONS, bytes(32));
    Uid uid = new Uid(bytes(16));
    return new Contest("pbkdf2-600000", () -> DerivedPassword.of("correct horse battery staple", parameters, uid),
        () -> primitives.pbkdf2("correct horse battery staple", PASSWORD_ITERATIONS), 1);
  }

  private Contest epoch() throws GeneralSecurityException {
    Group group = new Group(MEMBERS);
    byte[] record = new byte[group.next().record().bytes().size()];
    byte[] account = new byte[ACCOUNT_BYTES];
    byte[] signed = primitives.sign(record);
    return new Contest("epoch-" + MEMBERS, group::next, () -> {
      for (int i = 0; i < MEMBERS; i++) {
        primitives.wrap(WRAP_INFO_BYTES, 32, 32);
      }
      // The commitment, the link to the key before, the hashes of the accounts and the epoch; a signature, verified.
      primitives.hkdf(LABEL_BYTES, 1);
      sealKeys();
      primitives.encrypt(36, new byte[32]);
      for (int i = 0; i < MEMBERS; i++) {
        primitives.sha256(account, 0, account.length);
      }
      primitives.sha256(record, 0, record.length);
      primitives.sign(record);
      primitives.verify(record, signed);
    }, 1);
  }

  private static void require(Reading<?> reading) {
    if (reading instanceof Reading.Unreadable<?>(var fault)) {
      throw new IllegalStateException("does not open: " + fault);
    }
  }

  private static ByteString bytes(int size) {
    byte[] bytes = new byte[size];
    bytes[0] = 1;
    return ByteString.copyFrom(bytes);
  }
}
