// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.access;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.HexFormat;
import java.util.random.RandomGenerator;

/// API keys: `weir_` and 43 base64url characters, 256 random bits. Only their SHA-256 is stored.
public final class Keys {
  public static final String PREFIX = "weir_";

  private static final int RANDOM_BYTES = 32;
  private static final int HINT_LENGTH = 9;

  /// The shortest text that is treated as a key: 22 base64url characters have 128 bits.
  private static final int MIN_LENGTH = PREFIX.length() + 22;

  private Keys() {}

  /// @param random must be cryptographically strong
  public static String fresh(RandomGenerator random) {
    byte[] bytes = new byte[RANDOM_BYTES];
    random.nextBytes(bytes);
    return PREFIX + Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  /// The hash as in `ApiKeySpec.hash`: `sha256:` and hex digits.
  public static String hash(String key) {
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(key.getBytes(UTF_8));
      return "sha256:" + HexFormat.of().formatHex(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  /// The first characters of a key, enough to recognise it and too few to help guess it. Empty for
  /// a token that is not a Weir key, because it may be a password.
  public static String hint(String key) {
    return key.startsWith(PREFIX) && key.length() >= MIN_LENGTH
        ? key.substring(0, HINT_LENGTH)
        : "";
  }
}
