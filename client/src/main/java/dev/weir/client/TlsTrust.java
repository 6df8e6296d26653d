// SPDX-License-Identifier: Apache-2.0
package dev.weir.client;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.util.Collection;
import java.util.Locale;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.TrustManagerFactory;

/// Trusted certificates and the error messages for untrusted ones.
public final class TlsTrust {
  private TlsTrust() {}

  /// Trusts only certificates that the CAs in a PEM file have signed.
  ///
  /// @throws IllegalArgumentException naming the file and its problem
  public static SSLContext only(Path authorities) {
    try {
      KeyStore store = KeyStore.getInstance("PKCS12");
      store.load(null, null);
      int n = 0;
      for (Certificate certificate : certificates(authorities)) {
        store.setCertificateEntry("authority-" + n++, certificate);
      }
      TrustManagerFactory trust =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      trust.init(store);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, trust.getTrustManagers(), null);
      return context;
    } catch (NoSuchFileException e) {
      throw new IllegalArgumentException("CA file " + authorities + " does not exist", e);
    } catch (IOException e) {
      throw new IllegalArgumentException("CA file " + authorities + " cannot be read", e);
    } catch (GeneralSecurityException e) {
      throw new IllegalArgumentException(
          "CA file " + authorities + " does not contain PEM certificates", e);
    }
  }

  private static Collection<? extends Certificate> certificates(Path file)
      throws IOException, GeneralSecurityException {
    try (InputStream in = Files.newInputStream(file)) {
      var found = CertificateFactory.getInstance("X.509").generateCertificates(in);
      if (found.isEmpty()) {
        throw new GeneralSecurityException("none");
      }
      return found;
    }
  }

  /// Explains why TLS with a server failed, with the remedy.
  static String describe(SSLException failure, String server) {
    String message = String.valueOf(failure.getMessage());
    String text = message.toLowerCase(Locale.ROOT);
    if (text.contains("notafter") || text.contains("expired")) {
      return "the certificate of " + server + " has expired: replace it on the server";
    }
    if (text.contains("subject alternative") || text.contains("no name matching")) {
      return "the certificate of %s is not valid for this host (%s): use a host name that the certificate contains"
          .formatted(server, message);
    }
    if (text.contains("path building failed") || text.contains("path validation failed")) {
      return "the certificate of "
          + server
          + " is not signed by a trusted CA: set the CA with --ca FILE, WEIR_CA"
          + " or `weir context set NAME --ca FILE`";
    }
    if (text.contains("unrecognized ssl message")) {
      return server + " does not speak TLS: try http:// instead of https://";
    }
    return "TLS with " + server + " failed: " + message;
  }
}
