// SPDX-License-Identifier: Apache-2.0
package io.e2relay.deploy.house;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.type;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noFields;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.AccessTarget;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/// What may depend on what, for all classes below a root package; the root differs for the fixtures.
final class ArchitectureRules {
  private static final Set<String> ROLES = Set.of("relay", "keyservice", "store");
  private static final Set<String> METERS = Set.of("Counter", "Gauge", "MultiGauge", "Timer", "LongTaskTimer",
      "TimeGauge", "DistributionSummary", "FunctionCounter", "FunctionTimer", "Meter");
  private static final Set<String> CLOCK_METHODS = Set.of("java.time.Instant.now", "java.lang.System.currentTimeMillis",
      "java.lang.System.nanoTime", "java.util.UUID.randomUUID", "java.time.LocalDate.now", "java.lang.Math.random",
      "java.time.LocalDateTime.now", "java.time.ZonedDateTime.now");

  /// What the driver hands out is data: who reads a row's columns or a failure's code asks the database nothing.
  private static final DescribedPredicate<JavaClass> HANDED_OUT = describe("are rows or failures",
      c -> Set.of("io.vertx.sqlclient.Row", "io.vertx.pgclient.PgException").contains(c.getFullName()));

  private final String root;

  private ArchitectureRules(String root) {
    this.root = root;
  }

  /// Every rule by its name.
  static Map<String, ArchRule> below(String root) {
    ArchitectureRules rules = new ArchitectureRules(root);
    Map<String, ArchRule> all = new TreeMap<>();
    ROLES.forEach(role -> all.put("star: " + role, rules.star(role)));
    all.put("star: protocol", rules.ownDependencies("protocol", "protocol"));
    all.put("rings: no framework", rules.pure());
    all.put("rings: no clock and no chance", rules.timeless());
    all.put("bus: only Bus touches the event bus", rules.bus());
    all.put("sql: only in Postgres classes", rules.sql());
    all.put("metrics: only in Metrics classes", rules.metrics());
    all.put("keys: no code that decrypts", rules.blind());
    all.put("keys: BouncyCastle makes certificates only", rules.certificates());
    all.put("keys: one HPKE object for each wrap", rules.unshared());
    all.put("threads: no third style", rules.futures());
    all.put("server: nothing of the client", rules.client());
    return all;
  }

  private ArchRule star(String role) {
    return ownDependencies(role, role, "protocol");
  }

  private ArchRule ownDependencies(String module, String... allowed) {
    String[] inside = Stream.of(allowed).map(this::inside).toArray(String[]::new);
    return noClasses().that().resideInAPackage(inside(module)).should()
        .dependOnClassesThat(resideInAnyPackage(root + "..").and(not(resideInAnyPackage(inside))))
        .allowEmptyShould(true);
  }

  private ArchRule pure() {
    return noClasses()
        .that(inRules()).should().dependOnClassesThat(resideInAnyPackage("io.vertx..", "io.netty..", "io.micrometer..",
            "java.util.concurrent..", "java.nio.file..", "java.net..", "java.sql..", "org.slf4j.."))
        .allowEmptyShould(true);
  }

  private ArchRule timeless() {
    DescribedPredicate<JavaAccess<?>> clock = describe("ask a clock or chance",
        access -> CLOCK_METHODS.contains(access.getTargetOwner().getFullName() + "." + access.getTarget().getName()));
    return noClasses().that(inRules()).should().accessTargetWhere(clock).orShould()
        .dependOnClassesThat(type(java.time.Clock.class).or(type(java.time.InstantSource.class))
            .or(type(java.util.Random.class)).or(type(java.security.SecureRandom.class)))
        .allowEmptyShould(true);
  }

  private ArchRule bus() {
    DescribedPredicate<JavaAccess<?>> eventBus = describe("touch the event bus", access -> {
      AccessTarget target = access.getTarget();
      return target.getOwner().getName().equals("io.vertx.core.eventbus.EventBus")
          || target.getName().equals("eventBus");
    });
    return noClasses().that(inServer()).and().doNotHaveFullyQualifiedName(root + ".protocol.bus.Bus").should()
        .accessTargetWhere(eventBus).allowEmptyShould(true);
  }

  private ArchRule sql() {
    return noClasses().that(inServer()).and(not(outermostNamed("Postgres.*"))).should()
        .dependOnClassesThat(resideInAnyPackage("io.vertx.sqlclient..", "io.vertx.pgclient..", "java.sql..",
            "javax.sql..", "org.postgresql..").and(not(HANDED_OUT)))
        .allowEmptyShould(true);
  }

  private ArchRule metrics() {
    DescribedPredicate<JavaClass> meter = describe("is a meter",
        c -> c.getPackageName().equals("io.micrometer.core.instrument")
            && METERS.contains(outermost(c).getSimpleName()));
    DescribedPredicate<JavaAccess<?>> shortcut = describe("builds a meter",
        access -> access.getTargetOwner().getName().equals("io.micrometer.core.instrument.MeterRegistry")
            && Set.of("counter", "gauge", "timer", "summary", "gaugeCollectionSize", "gaugeMapSize", "more")
                .contains(access.getTarget().getName()));
    return noClasses().that(inServer()).and(not(outermostNamed(".*Metrics"))).should().dependOnClassesThat(meter)
        .orShould().accessTargetWhere(shortcut).allowEmptyShould(true);
  }

  private ArchRule blind() {
    return noClasses().that(inServer()).should()
        .dependOnClassesThat(describe("can open what clients sealed",
            c -> Set.of("javax.crypto.Cipher", "javax.crypto.KeyAgreement", "javax.crypto.KEM")
                .contains(outermost(c).getFullName()) || c.getPackageName().startsWith("org.bouncycastle.crypto.")))
        .allowEmptyShould(true);
  }

  private ArchRule certificates() {
    return noClasses().that(inServer()).and().resideOutsideOfPackage(inside("deploy.certificate")).should()
        .dependOnClassesThat(resideInAnyPackage("org.bouncycastle..")).allowEmptyShould(true);
  }

  /// It keeps the agreement it is in the middle of: what two threads share makes wraps that nobody can open.
  private ArchRule unshared() {
    DescribedPredicate<JavaField> hpke = describe("hold an HPKE", field -> field.getType().getAllInvolvedRawTypes()
        .stream().anyMatch(type -> type.getName().equals("org.bouncycastle.crypto.hpke.HPKE")));
    return noFields().that().areDeclaredInClassesThat().resideInAPackage(root + "..").should(ArchCondition.from(hpke))
        .allowEmptyShould(true);
  }

  private ArchRule futures() {
    return noClasses()
        .that(
            resideInAnyPackage(inside("protocol"), inside("relay"), inside("keyservice"), inside("store"),
                inside("deploy")))
        .should()
        .dependOnClassesThat(
            resideInAnyPackage("io.reactivex..", "rx..", "reactor..", "io.smallrye..", "org.reactivestreams..")
                .or(describe("is a CompletableFuture",
                    c -> Set.of("java.util.concurrent.CompletableFuture", "java.util.concurrent.CompletionStage")
                        .contains(c.getFullName()))))
        .allowEmptyShould(true);
  }

  private ArchRule client() {
    return noClasses().that(inServer()).should().dependOnClassesThat(resideInAnyPackage(inside("client")))
        .allowEmptyShould(true);
  }

  private DescribedPredicate<JavaClass> inServer() {
    return resideInAnyPackage(inside("protocol"), inside("relay"), inside("keyservice"), inside("store"),
        inside("deploy"), inside("backing"));
  }

  private DescribedPredicate<JavaClass> inRules() {
    return resideInAnyPackage(root + "..session..", root + "..membership..", root + "..frame..",
        root + ".protocol.error..");
  }

  private static DescribedPredicate<JavaClass> outermostNamed(String pattern) {
    return describe("is or is inside " + pattern, c -> outermost(c).getSimpleName().matches(pattern));
  }

  private static JavaClass outermost(JavaClass inner) {
    JavaClass outer = inner;
    while (outer.getEnclosingClass().isPresent()) {
      outer = outer.getEnclosingClass().get();
    }
    return outer;
  }

  private String inside(String module) {
    return root + "." + module + "..";
  }
}
