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

/// Where a listener's certificate and key are, both PEM: the certificate with those that signed it
/// below it, the key as PKCS#8.
public record TlsFiles(Path certificate, Path key) {
  /// Far more than any chain has; a listener must not be made to read a disk.
  private static final int MOST_BYTES = 1 << 20;

  private static final Pattern KEY =
      Pattern.compile("-----BEGIN ([A-Z ]*PRIVATE KEY)-----(.*?)-----END", Pattern.DOTALL);
  private static final byte[] PROBE =
      "does this key belong to it?".getBytes(StandardCharsets.UTF_8);

  /// What the files hold.
  public sealed interface Read {
    /// @param digest of both files, to tell whether they changed
    record Usable(TlsPair pair, String digest) implements Read {}

    /// @param digest empty when a file could not be read
    /// @param why one sentence that names the file and what to do
    record Unusable(String why, String digest) implements Read {}
  }

  /// Reads both files. It does not mind a certificate that has expired: what that means depends on
  /// whether there is a better one.
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
      byte[] bytes = in.readNBytes(MOST_BYTES + 1);
      if (bytes.length > MOST_BYTES) {
        throw new IOException(file + " has more than 1 MiB: that is no PEM file");
      }
      return bytes;
    } catch (NoSuchFileException e) {
      throw new IOException("there is no file " + file, e);
    } catch (AccessDeniedException e) {
      throw new IOException(file + " may not be read by the user that Weir runs as", e);
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
    PublicKey open = chain.getFirst().getPublicKey();
    PrivateKey closed = privateKey(secret, open.getAlgorithm());
    if (!belongTogether(open, closed)) {
      throw new GeneralSecurityException(
          "the key in " + key + " does not belong to the first certificate in " + certificate);
    }
    return new TlsPair(chain, closed);
  }

  private List<X509Certificate> chain(byte[] pem) throws GeneralSecurityException {
    List<X509Certificate> chain = new ArrayList<>();
    try {
      CertificateFactory.getInstance("X.509")
          .generateCertificates(new ByteArrayInputStream(pem))
          .forEach(certificate -> chain.add((X509Certificate) certificate));
    } catch (CertificateException e) {
      throw new GeneralSecurityException(certificate + " is no PEM file of certificates", e);
    }
    if (chain.isEmpty()) {
      throw new GeneralSecurityException(certificate + " holds no certificate (PEM is needed)");
    }
    return chain;
  }

  private PrivateKey privateKey(String pem, String algorithm) throws GeneralSecurityException {
    Matcher found = KEY.matcher(pem);
    if (!found.find()) {
      throw new GeneralSecurityException(key + " holds no private key (PEM is needed)");
    }
    if (!found.group(1).equals("PRIVATE KEY")) {
      throw new GeneralSecurityException(
          ("%s holds a '%s'; only a plain 'PRIVATE KEY' (PKCS#8) can be read:"
                  + " `openssl pkcs8 -topk8 -nocrypt -in %s` makes one")
              .formatted(key, found.group(1), key));
    }
    try {
      byte[] der = Base64.getMimeDecoder().decode(found.group(2));
      return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(der));
    } catch (IllegalArgumentException | GeneralSecurityException e) {
      // Not with its cause, which may quote the key.
      throw new GeneralSecurityException(
          "%s is damaged, or no %s key as %s needs".formatted(key, algorithm, certificate));
    }
  }

  private static boolean belongTogether(PublicKey open, PrivateKey closed) {
    String algorithm =
        switch (open.getAlgorithm()) {
          case "RSA" -> "SHA256withRSA";
          case "EC" -> "SHA256withECDSA";
          default -> open.getAlgorithm();
        };
    try {
      Signature signing = Signature.getInstance(algorithm);
      signing.initSign(closed);
      signing.update(PROBE);
      byte[] signed = signing.sign();
      Signature checking = Signature.getInstance(algorithm);
      checking.initVerify(open);
      checking.update(PROBE);
      return checking.verify(signed);
    } catch (GeneralSecurityException e) {
      return false;
    }
  }

  /// Whether everybody on this machine may read the key. False where that cannot be told.
  public boolean keyIsPublic() {
    try {
      return Files.getPosixFilePermissions(key).contains(PosixFilePermission.OTHERS_READ);
    } catch (IOException | UnsupportedOperationException e) {
      return false;
    }
  }
}
