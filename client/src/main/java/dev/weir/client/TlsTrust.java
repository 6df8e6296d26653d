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

/// Which certificates are trusted, and the error message when one is not.
public final class TlsTrust {
  private TlsTrust() {}

  /// Trusts what the certificates in a PEM file have signed, and nobody else.
  ///
  /// @throws IllegalArgumentException naming the file and what is wrong with it
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
      throw new IllegalArgumentException("CA file: there is no file " + authorities, e);
    } catch (IOException e) {
      throw new IllegalArgumentException("CA file " + authorities + " cannot be read", e);
    } catch (GeneralSecurityException e) {
      throw new IllegalArgumentException(
          "CA file " + authorities + " holds no certificates in PEM form", e);
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

  /// Why TLS with a server failed, and what to do.
  static String describe(SSLException failure, String server) {
    String said = String.valueOf(failure.getMessage());
    String word = said.toLowerCase(Locale.ROOT);
    if (word.contains("notafter") || word.contains("expired")) {
      return "the certificate of " + server + " has expired: it must be replaced there";
    }
    if (word.contains("subject alternative") || word.contains("no name matching")) {
      return "the certificate of %s is not made for this host (%s): call it by a name that is in it"
          .formatted(server, said);
    }
    if (word.contains("path building failed") || word.contains("path validation failed")) {
      return "the certificate of "
          + server
          + " is not signed by a trusted authority: name its CA with --ca FILE, WEIR_CA"
          + " or `weir context set NAME --ca FILE`";
    }
    if (word.contains("unrecognized ssl message")) {
      return server + " does not speak TLS: try http:// instead of https://";
    }
    return "TLS with " + server + " failed: " + said;
  }
}
