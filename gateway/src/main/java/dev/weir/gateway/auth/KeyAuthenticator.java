// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.auth;

import dev.weir.gateway.exchange.AuthResult;
import dev.weir.gateway.exchange.Authenticator;
import dev.weir.gateway.exchange.HeaderView;
import dev.weir.gateway.exchange.IndexedSnapshot;
import dev.weir.snapshot.RoutingSnapshot.KeyEntry;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Finds the caller's key in `Authorization: Bearer` or, without that header, in `x-api-key`.
///
/// The lookup uses the SHA-256 of the sent key, so its timing reveals nothing about real keys: a
/// guess that shares a prefix with a key shares nothing with its hash. Hashing 50 bytes takes well
/// under a microsecond, so a cache that stores secrets in memory is not worth it.
public final class KeyAuthenticator implements Authenticator {
  /// Longer than any key that Weir creates; longer values are rejected without hashing.
  static final int MAX_KEY_CHARS = 512;

  private static final Logger LOG = LoggerFactory.getLogger(KeyAuthenticator.class);
  private static final String BEARER = "Bearer ";

  private static final AuthResult.Denied MISSING =
      new AuthResult.Denied(
          401,
          "No API key was sent: use `Authorization: Bearer <key>` or `x-api-key: <key>`.",
          "missing_api_key");
  private static final AuthResult.Denied SCHEME =
      new AuthResult.Denied(
          401, "The Authorization header is not `Bearer <key>`.", "invalid_authorization");
  private static final AuthResult.Denied UNKNOWN =
      new AuthResult.Denied(401, "The API key is unknown.", "invalid_api_key");
  private static final AuthResult.Denied EXPIRED =
      new AuthResult.Denied(401, "The API key has expired.", "expired_api_key");
  private static final AuthResult.Denied BROKEN =
      new AuthResult.Denied(401, "The API key could not be checked.", "invalid_api_key");

  private final InstantSource clock;
  private final ThreadLocal<MessageDigest> sha256 =
      ThreadLocal.withInitial(KeyAuthenticator::newSha256);

  public KeyAuthenticator(InstantSource clock) {
    this.clock = clock;
  }

  @Override
  public AuthResult authenticate(HeaderView headers, IndexedSnapshot current) {
    try {
      Optional<String> authorization = headers.first("authorization");
      if (authorization.isPresent()) {
        String value = authorization.get();
        return value.regionMatches(true, 0, BEARER, 0, BEARER.length())
            ? check(value.substring(BEARER.length()).strip(), current)
            : SCHEME;
      }
      return headers.first("x-api-key").map(key -> check(key.strip(), current)).orElse(MISSING);
    } catch (RuntimeException e) {
      LOG.atError()
          .addKeyValue("event", "auth.failed")
          .setCause(e)
          .log("A key cannot be checked; the request is denied");
      return BROKEN;
    }
  }

  private AuthResult check(String key, IndexedSnapshot current) {
    if (key.isEmpty()) {
      return MISSING;
    }
    if (key.length() > MAX_KEY_CHARS) {
      return UNKNOWN;
    }
    Optional<KeyEntry> entry = current.key(hash(key));
    if (entry.isEmpty()) {
      return UNKNOWN;
    }
    return clock.millis() < entry.get().expiresAtMillis()
        ? new AuthResult.Allowed(entry.get())
        : EXPIRED;
  }

  private String hash(String key) {
    byte[] digest = sha256.get().digest(key.getBytes(StandardCharsets.UTF_8));
    return "sha256:" + HexFormat.of().formatHex(digest);
  }

  private static MessageDigest newSha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
