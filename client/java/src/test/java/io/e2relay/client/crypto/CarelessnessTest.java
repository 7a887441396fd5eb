// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.crypto;

import static io.e2relay.client.crypto.Octets.value;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.id.ConversationId;
import io.e2relay.protocol.id.DeviceId;
import io.e2relay.protocol.id.Epoch;
import io.e2relay.protocol.id.TenantId;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.record.BackupBlob;
import io.e2relay.protocol.record.Hash;
import io.e2relay.protocol.record.KdfParameters;
import io.e2relay.protocol.record.Point;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Modifier;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// Every class of the package is made with a secret that can be recognised, whatever it is for: nothing it can print
/// shows it, and no failure does.
final class CarelessnessTest {
  // Of these all goes to the service anyway.
  private static final Set<String> PUBLIC = Set.of(DeviceLogin.class.getName(), MadeGrant.class.getName());
  private static final int ROUNDS = 6;
  private static final int[] LENGTHS = {32, 16, 20, 64, 65, 96, 112, 113, 177, 339, 7, 0};

  private final Map<Class<?>, Object> known = new HashMap<>();
  private final Set<String> printed = new TreeSet<>();
  private final Set<String> shown = new TreeSet<>();
  private int failures;

  @Test
  void nothing_that_can_be_printed_shows_a_secret() throws Exception {
    PrintStream out = System.out;
    PrintStream err = System.err;
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    List<Class<?>> classes = classes();
    try (PrintStream listening = new PrintStream(said, true, StandardCharsets.UTF_8)) {
      System.setOut(listening);
      System.setErr(listening);
      secrets().forEach(this::keep);
      // What one round makes is what the next one can give to others.
      for (int round = 0; round < ROUNDS; round++) {
        classes.stream().filter(type -> !known.containsKey(type)).forEach(this::make);
      }
    } finally {
      System.setOut(out);
      System.setErr(err);
    }
    assertFalse(Canary.sings(said.toString(StandardCharsets.UTF_8)));
    assertEquals(PUBLIC, shown);
    Set<String> all = new TreeSet<>();
    classes.stream().filter(CarelessnessTest::isPrintable).forEach(type -> all.add(type.getName()));
    all.removeAll(printed);
    assertEquals(Set.of(), all, "never made, so never looked at");
    IO.println("shown: carelessness classes=" + printed.size() + " failures=" + failures);
  }

  @Test
  void no_failure_shows_what_was_given() {
    ByteString secret = Canary.bytes(33);
    Point point = AgreementKey.generate().publicKey();
    Point off = new Point(Octets.flipped(point.bytes(), 64));
    SymmetricKey key = SymmetricKey.of(Canary.bytes(32));
    List<org.junit.jupiter.api.function.Executable> careless = List.of(() -> SymmetricKey.of(secret),
        () -> RecoveryCode.of(secret), () -> Disclosure.received(secret), () -> PaddedContent.pad(secret, 20),
        () -> SigningKey.generate().sign(Canary.text(20), secret),
        () -> DerivedPassword.of(Canary.text(20) + "\ud800", DerivedPassword.newParameters(), uid()),
        () -> new Pkcs12KeyStorage(Path.of("none"), Canary.text(20) + "\ud800"),
        () -> Wrapping.wrap(key, off,
            new Wrapping.SelfWrap(tenant(), uid(), io.e2relay.protocol.record.SelfKind.HEADS, 1)),
        () -> new Pkcs12KeyStorage(Path.of("/no/such/folder/file"), Canary.text(20)).save(DeviceKeys.generate()),
        () -> new FileId(secret), () -> Joined.label(Canary.text(300)));
    careless.forEach(call -> assertFalse(Canary.sings(Canary.trace(assertThrows(RuntimeException.class, call)))));
    for (Object answer : List.of(SymmetricKey.read(secret), RecoveryCode.read(Canary.text(34)),
        SigningKey.read(Canary.bytes(96), point), AgreementKey.read(Canary.bytes(96), point),
        Bundle.read(Canary.bytes(300)), Sealing.open(key, Sealing.Label.SELF, secret, Canary.bytes(300)))) {
      assertFalse(Canary.sings(answer.toString()));
    }
  }

  @Test
  void a_careless_object_would_be_found() {
    ByteString secret = Canary.bytes(32);
    for (String printed : List.of(secret.toString(), "k=" + Octets.hex(secret), "k=" + Octets.hex(secret.substring(3)),
        java.util.Arrays.toString(secret.toByteArray()),
        RecoveryCode.of(secret.substring(0, 20)).reveal().replace("-", ""),
        Base64.getEncoder().encodeToString(secret.toByteArray()),
        Base64.getUrlEncoder().encodeToString(secret.substring(1).toByteArray()),
        Base64.getEncoder().encodeToString(secret.substring(2).toByteArray()))) {
      assertTrue(Canary.sings(printed), printed);
    }
    assertFalse(Canary.sings("SymmetricKey[secret]"));
  }

  /// Whatever takes more than a constructor.
  private static List<Object> secrets() {
    SymmetricKey key = SymmetricKey.of(Canary.bytes(32));
    SigningKey signing = SigningKey.generate();
    SigningKey fixed = value(SigningKey.read(serialised(), point()));
    AgreementKey agreement = value(AgreementKey.read(serialised(), point()));
    RecoveryCode code = RecoveryCode.of(Canary.bytes(20));
    SortedMap<Long, AgreementKey> generations = new TreeMap<>(Map.of(1L, agreement));
    Bundle bundle = Bundle.of(Hash.NONE, 1, fixed, code, generations);
    Account account = new Account(tenant(), uid());
    DerivedPassword password = DerivedPassword.of(Canary.text(20), new KdfParameters(600_000, Canary.bytes(32)), uid());
    BackupVersion version = BackupVersion.first();
    BackupBlob blob = Backup.make(account, version, password, Canary.bytes(32), bundle);
    DeviceKeys device = DeviceKeys.of(new DeviceId(Canary.bytes(16)), fixed, agreement, generations,
        value(StateKey.read(Canary.bytes(32))));
    KeyStorage memory = new InMemoryKeyStorage();
    memory.save(device);
    FileDescriptor file = FileSealing.seal(key,
        new FileSealing.Place(new ConversationId(Canary.bytes(32)), Epoch.FIRST), Canary.text(20), Canary.text(20),
        new ByteArrayInputStream(Canary.bytes(300).toByteArray()), new ByteArrayOutputStream());
    return List.of(key, signing, fixed, agreement, code, bundle, account, password, version,
        value(Backup.open(account, blob, code)), device, memory, memory.load(), file,
        Disclosure.received(Canary.bytes(32)), new Pkcs12KeyStorage(Path.of("keys.p12"), Canary.text(20)), generations,
        SafetyNumber.of(new SafetyNumber.Person(uid(), point()), new SafetyNumber.Person(uid(), point())));
  }

  private static TenantId tenant() {
    return new TenantId(Canary.bytes(16));
  }

  private static Uid uid() {
    return new Uid(Canary.bytes(16));
  }

  private static Point point() {
    return new Point(Octets.times(4, 1).concat(serialised().substring(32)));
  }

  private static ByteString serialised() {
    return ByteString.copyFrom(P256.serialised(FixedRandomness.pairOf(Canary.bytes(32))));
  }

  private void make(Class<?> type) {
    for (Constructor<?> constructor : type.getDeclaredConstructors()) {
      constructor.setAccessible(true);
      for (int length : LENGTHS) {
        try {
          List<@Nullable Object> arguments = new ArrayList<>();
          for (Class<?> parameter : constructor.getParameterTypes()) {
            arguments.add(argument(parameter, length));
          }
          keep(constructor.newInstance(arguments.toArray()));
        } catch (InvocationTargetException e) {
          failures++;
          assertFalse(Canary.sings(Canary.trace(e)), () -> type + " fails with a secret");
        } catch (InstantiationException | IllegalAccessException | IllegalArgumentException _) {
          // Abstract, or not of these.
        }
      }
    }
  }

  private void keep(Object made) {
    if (Canary.sings(made.toString())) {
      shown.add(made.getClass().getName());
    }
    printed.add(made.getClass().getName());
    for (Class<?> type = made.getClass(); type != null && type != Object.class; type = type.getSuperclass()) {
      known.putIfAbsent(type, made);
      for (Class<?> each : type.getInterfaces()) {
        known.putIfAbsent(each, made);
      }
    }
  }

  private @Nullable Object argument(Class<?> type, int length) {
    if (type == ByteString.class) {
      return Canary.bytes(length);
    } else if (type == byte[].class) {
      return Canary.bytes(length).toByteArray();
    } else if (type == char[].class) {
      return Canary.text(length).toCharArray();
    } else if (type == String.class) {
      return Canary.text(length);
    } else if (type == long.class || type == int.class) {
      return 1;
    } else if (type == boolean.class) {
      return true;
    } else if (type == Object.class) {
      return Canary.bytes(length);
    } else if (type.isEnum()) {
      return type.getEnumConstants()[0];
    }
    return known.containsKey(type) ? known.get(type) : foreign(type);
  }

  /// What comes from other packages.
  private static @Nullable Object foreign(Class<?> type) {
    return Stream.<Object>of(tenant(), uid(), new DeviceId(Canary.bytes(16)), new ConversationId(Canary.bytes(32)),
        Epoch.FIRST, new Hash(Canary.bytes(32)), point(), new ByteArrayInputStream(Canary.bytes(40).toByteArray()),
        new ByteArrayOutputStream(), Path.of("keys"), List.of(), new TreeMap<>(),
        FixedRandomness.derived(Canary.bytes(32))).filter(type::isInstance).findFirst().orElse(null);
  }

  /// Whether its objects print more than their class and an address.
  private static boolean isPrintable(Class<?> type) {
    boolean ownText = Stream.of(type.getDeclaredMethods())
        .anyMatch(method -> method.getName().equals("toString") && method.getParameterCount() == 0);
    boolean inheritedText = type.getSuperclass() != null && type.getSuperclass() != Object.class;
    return !type.isInterface() && !type.isEnum() && !Modifier.isAbstract(type.getModifiers())
        && (ownText || inheritedText);
  }

  /// The classes of the package, without those of its tests.
  private static List<Class<?>> classes() throws IOException, URISyntaxException, ClassNotFoundException {
    Path folder = Path
        .of(java.util.Objects.requireNonNull(SymmetricKey.class.getResource("SymmetricKey.class")).toURI());
    List<Class<?>> classes = new ArrayList<>();
    try (Stream<Path> files = Files.list(java.util.Objects.requireNonNull(folder.getParent()))) {
      for (Path file : files.sorted().toList()) {
        String name = String.valueOf(file.getFileName());
        if (name.endsWith(".class") && !name.equals("package-info.class")) {
          classes.add(Class.forName(SymmetricKey.class.getPackageName() + "." + name.substring(0, name.length() - 6)));
        }
      }
    }
    assertTrue(classes.size() > 20, () -> "found only " + classes);
    return classes;
  }
}
