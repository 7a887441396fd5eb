// SPDX-License-Identifier: Apache-2.0
package io.e2relay.deploy.issuer;

import io.e2relay.deploy.certificate.Pem;
import io.e2relay.deploy.folder.OwnFile;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Base64;
import java.util.HexFormat;

/// Signs tokens (JWT, ES256) with a key that stays in the data folder, for one tenant that stays there too.
public final class DevIssuer {
  public static final String ISSUER = "e2relay-dev";
  public static final String AUDIENCE = "e2relay";
  public static final String JWKS = "jwks.json";
  public static final Duration TTL = Duration.ofMinutes(15);
  public static final Duration TTL_MAX = Duration.ofDays(1);
  public static final int NAME_CHARS_MAX = 64;
  private static final String KEY_ID = "dev";
  private static final int TENANT_BYTES = 16;
  private static final int COORDINATE_BYTES = 32;
  private static final Base64.Encoder BASE64 = Base64.getUrlEncoder().withoutPadding();
  private static final SecureRandom RANDOM = new SecureRandom();

  /// A token and when it ends.
  public record Token(String text, long expiresMs) {
  }

  private final PrivateKey key;
  private final String tenant;
  private final Path jwksFile;
  private final InstantSource clock;

  private DevIssuer(PrivateKey key, String tenant, Path jwksFile, InstantSource clock) {
    this.key = key;
    this.tenant = tenant;
    this.jwksFile = jwksFile;
    this.clock = clock;
  }

  /// The issuer whose key lies in the folder; makes one when there is none.
  public static DevIssuer in(Path folder, InstantSource clock) throws IOException, GeneralSecurityException {
    Files.createDirectories(folder);
    if (!Files.exists(folder.resolve("tenant"))) {
      byte[] tenant = new byte[TENANT_BYTES];
      RANDOM.nextBytes(tenant);
      OwnFile.writeSecret(folder.resolve("tenant"), HexFormat.of().formatHex(tenant) + "\n");
    }
    if (!Files.exists(folder.resolve("key.pem")) || !Files.exists(folder.resolve(JWKS))) {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec("secp256r1"), RANDOM);
      KeyPair pair = generator.generateKeyPair();
      OwnFile.writeSecret(folder.resolve("key.pem"), Pem.of(pair.getPrivate()));
      OwnFile.writePublic(folder.resolve(JWKS), jwks((ECPublicKey) pair.getPublic()));
    }
    return existing(folder, clock);
  }

  /// The issuer whose key lies in the folder; fails when there is none.
  public static DevIssuer existing(Path folder, InstantSource clock) throws IOException, GeneralSecurityException {
    PrivateKey key = Pem.key(Files.readString(folder.resolve("key.pem")));
    String tenant = Files.readString(folder.resolve("tenant")).strip();
    return new DevIssuer(key, tenant, folder.resolve(JWKS), clock);
  }

  /// Whether a token can be made out for this name: something to read, not too long, and with bytes of its own.
  public static boolean isName(String name) {
    return !name.isBlank() && name.length() <= NAME_CHARS_MAX && name.chars().noneMatch(Character::isISOControl)
        && StandardCharsets.UTF_8.newEncoder().canEncode(name);
  }

  public Token token(String name, Duration ttl) throws GeneralSecurityException {
    return token(name, ttl, new JsonObject());
  }

  /// A token of a program.
  public Token bot(String name, Duration ttl) throws GeneralSecurityException {
    return token(name, ttl, new JsonObject().put("bot", true));
  }

  /// The file with the public key, for whoever checks the tokens.
  public Path jwksFile() {
    return jwksFile;
  }

  private Token token(String name, Duration ttl, JsonObject besides) throws GeneralSecurityException {
    if (!isName(name) || ttl.isNegative() || ttl.isZero() || ttl.compareTo(TTL_MAX) > 0) {
      throw new IllegalArgumentException("no token can be made out for that");
    }
    long nowSeconds = clock.instant().getEpochSecond();
    long expires = nowSeconds + ttl.toSeconds();
    JsonObject header = new JsonObject().put("alg", "ES256").put("typ", "JWT").put("kid", KEY_ID);
    JsonObject claims = new JsonObject().put("iss", ISSUER).put("aud", AUDIENCE).put("sub", name).put("tenant", tenant)
        .put("iat", nowSeconds).put("exp", expires).mergeIn(besides);
    String signed = base64(header) + "." + base64(claims);
    Signature signature = Signature.getInstance("SHA256withECDSAinP1363Format");
    signature.initSign(key);
    signature.update(signed.getBytes(StandardCharsets.US_ASCII));
    return new Token(signed + "." + BASE64.encodeToString(signature.sign()), expires * 1_000);
  }

  private static String jwks(ECPublicKey key) {
    JsonObject jwk = new JsonObject().put("kty", "EC").put("crv", "P-256").put("alg", "ES256").put("use", "sig")
        .put("kid", KEY_ID).put("x", coordinate(key.getW().getAffineX())).put("y", coordinate(key.getW().getAffineY()));
    return new JsonObject().put("keys", new JsonArray().add(jwk)).encode() + "\n";
  }

  /// Always the full length: leading zeros count (RFC 7518 §6.2.1.2).
  private static String coordinate(BigInteger value) {
    byte[] bytes = new byte[COORDINATE_BYTES];
    byte[] shortest = value.toByteArray();
    int skip = Math.max(0, shortest.length - COORDINATE_BYTES);
    System.arraycopy(shortest, skip, bytes, COORDINATE_BYTES - (shortest.length - skip), shortest.length - skip);
    return BASE64.encodeToString(bytes);
  }

  private static String base64(JsonObject json) {
    return BASE64.encodeToString(json.encode().getBytes(StandardCharsets.UTF_8));
  }
}
