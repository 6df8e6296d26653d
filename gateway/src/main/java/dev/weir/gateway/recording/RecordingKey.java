// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.recording;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/// Seals recordings: AES-256 in GCM with a random nonce each (NIST SP 800-38D; random nonces of 96
/// bits are safe for 2^32 uses of one key, and a file has ten thousand). The service and the time
/// are authenticated too, so that a recording cannot be moved to another service or time.
final class RecordingKey {
  private static final int KEY_BYTES = 32;
  private static final int NONCE_BYTES = 12;
  private static final int TAG_BITS = 128;

  private final SecretKeySpec key;
  private final int id;
  private final SecureRandom random;

  private RecordingKey(byte[] bytes, SecureRandom random) {
    this.key = new SecretKeySpec(bytes, "AES");
    this.id = ByteBuffer.wrap(sha256(bytes)).getInt();
    this.random = random;
  }

  /// @param text 32 bytes in base64
  ///
  /// @return empty if the text is anything else
  static Optional<RecordingKey> of(String text, SecureRandom random) {
    try {
      byte[] bytes = Base64.getDecoder().decode(text.strip());
      return bytes.length == KEY_BYTES
          ? Optional.of(new RecordingKey(bytes, random))
          : Optional.empty();
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /// Identifies the key without revealing it: the first bytes of its SHA-256.
  int id() {
    return id;
  }

  byte[] seal(String service, long atMillis, byte[] plain) {
    byte[] nonce = new byte[NONCE_BYTES];
    random.nextBytes(nonce);
    try {
      byte[] sealed = cipher(Cipher.ENCRYPT_MODE, nonce, service, atMillis).doFinal(plain);
      return ByteBuffer.allocate(NONCE_BYTES + sealed.length).put(nonce).put(sealed).array();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java has AES in GCM", e);
    }
  }

  /// @return empty if it was sealed with another key, for another service or time, or was modified
  Optional<byte[]> open(String service, long atMillis, byte[] sealed) {
    if (sealed.length < NONCE_BYTES) {
      return Optional.empty();
    }
    byte[] nonce = Arrays.copyOf(sealed, NONCE_BYTES);
    try {
      return Optional.of(
          cipher(Cipher.DECRYPT_MODE, nonce, service, atMillis)
              .doFinal(sealed, NONCE_BYTES, sealed.length - NONCE_BYTES));
    } catch (GeneralSecurityException e) {
      return Optional.empty();
    }
  }

  private Cipher cipher(int mode, byte[] nonce, String service, long atMillis)
      throws GeneralSecurityException {
    Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
    cipher.init(mode, key, new GCMParameterSpec(TAG_BITS, nonce));
    cipher.updateAAD((service + "\n" + atMillis).getBytes(StandardCharsets.UTF_8));
    return cipher;
  }

  private static byte[] sha256(byte[] bytes) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(bytes);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
