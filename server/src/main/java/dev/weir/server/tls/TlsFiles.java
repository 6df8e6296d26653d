// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.tls;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The PEM files of a listener: its certificate with the chain, and its private key as PKCS#8.
public record TlsFiles(Path certificate, Path key) {
  /// Far larger than any chain; limits what a listener reads.
  private static final int MAX_BYTES = 1 << 20;

  private static final Pattern KEY =
      Pattern.compile("-----BEGIN ([A-Z ]*PRIVATE KEY)-----(.*?)-----END", Pattern.DOTALL);
  private static final byte[] PROBE =
      "does this key belong to it?".getBytes(StandardCharsets.UTF_8);

  /// The content of the files.
  public sealed interface Read {
    /// @param digest of both files, to detect changes
    record Usable(TlsPair pair, String digest) implements Read {}

    /// @param digest empty if a file is unreadable
    /// @param why one sentence that names the file and the remedy
    record Unusable(String why, String digest) implements Read {}
  }

  /// Reads both files. Accepts an expired certificate: the caller decides whether a better one is
  /// available.
  public Read read() {
    byte[] chain;
    byte[] secret;
    try {
      chain = bytes(certificate);
      secret = bytes(key);
    } catch (IOException e) {
      return new Read.Unusable(String.valueOf(e.getMessage()), "");
    }
    String digest = digest(chain, secret);
    try {
      TlsPair pair = pair(chain, new String(secret, StandardCharsets.ISO_8859_1));
      return new Read.Usable(pair, digest);
    } catch (GeneralSecurityException e) {
      return new Read.Unusable(String.valueOf(e.getMessage()), digest);
    }
  }

  private static byte[] bytes(Path file) throws IOException {
    try (var in = Files.newInputStream(file)) {
      byte[] bytes = in.readNBytes(MAX_BYTES + 1);
      if (bytes.length > MAX_BYTES) {
        throw new IOException(file + " is larger than 1 MiB: it is not a PEM file");
      }
      return bytes;
    } catch (NoSuchFileException e) {
      throw new IOException(file + " does not exist", e);
    } catch (AccessDeniedException e) {
      throw new IOException(file + " is not readable for the user that runs Weir", e);
    }
  }

  private static String digest(byte[] chain, byte[] secret) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(chain);
      return HexFormat.of().formatHex(digest.digest(secret));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private TlsPair pair(byte[] certificates, String secret) throws GeneralSecurityException {
    List<X509Certificate> chain = chain(certificates);
    PublicKey publicKey = chain.getFirst().getPublicKey();
    PrivateKey privateKey = privateKey(secret, publicKey.getAlgorithm());
    if (!matches(publicKey, privateKey)) {
      throw new GeneralSecurityException(
          "the key in " + key + " does not match the first certificate in " + certificate);
    }
    return new TlsPair(chain, privateKey);
  }

  private List<X509Certificate> chain(byte[] pem) throws GeneralSecurityException {
    List<X509Certificate> chain = new ArrayList<>();
    try {
      CertificateFactory.getInstance("X.509")
          .generateCertificates(new ByteArrayInputStream(pem))
          .forEach(certificate -> chain.add((X509Certificate) certificate));
    } catch (CertificateException e) {
      throw new GeneralSecurityException(certificate + " is not a PEM file of certificates", e);
    }
    if (chain.isEmpty()) {
      throw new GeneralSecurityException(certificate + " contains no certificate in PEM form");
    }
    return chain;
  }

  private PrivateKey privateKey(String pem, String algorithm) throws GeneralSecurityException {
    Matcher found = KEY.matcher(pem);
    if (!found.find()) {
      throw new GeneralSecurityException(key + " contains no private key in PEM form");
    }
    if (!found.group(1).equals("PRIVATE KEY")) {
      throw new GeneralSecurityException(
          ("%s contains a '%s', but must contain an unencrypted 'PRIVATE KEY' (PKCS#8):"
                  + " convert it with `openssl pkcs8 -topk8 -nocrypt -in %s`")
              .formatted(key, found.group(1), key));
    }
    try {
      byte[] der = Base64.getMimeDecoder().decode(found.group(2));
      return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(der));
    } catch (IllegalArgumentException | GeneralSecurityException e) {
      // Without the cause, which may quote the key.
      throw new GeneralSecurityException(
          "%s is damaged or is not the %s key that %s needs"
              .formatted(key, algorithm, certificate));
    }
  }

  private static boolean matches(PublicKey publicKey, PrivateKey privateKey) {
    String algorithm =
        switch (publicKey.getAlgorithm()) {
          case "RSA" -> "SHA256withRSA";
          case "EC" -> "SHA256withECDSA";
          default -> publicKey.getAlgorithm();
        };
    try {
      Signature signing = Signature.getInstance(algorithm);
      signing.initSign(privateKey);
      signing.update(PROBE);
      byte[] signed = signing.sign();
      Signature checking = Signature.getInstance(algorithm);
      checking.initVerify(publicKey);
      checking.update(PROBE);
      return checking.verify(signed);
    } catch (GeneralSecurityException e) {
      return false;
    }
  }

  /// Whether every user of this machine can read the key. False if the permissions are unknown.
  public boolean keyIsPublic() {
    try {
      return Files.getPosixFilePermissions(key).contains(PosixFilePermission.OTHERS_READ);
    } catch (IOException | UnsupportedOperationException e) {
      return false;
    }
  }
}
