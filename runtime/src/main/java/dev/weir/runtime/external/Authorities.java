// SPDX-License-Identifier: Apache-2.0
package dev.weir.runtime.external;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.util.Collection;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;

/// Builds TLS contexts with trusted CAs and the expected server name.
final class Authorities {
  private Authorities() {}

  /// @param pem CA certificates to trust instead of Java's; empty uses Java's trust store
  /// @param serverName the name that the certificate must contain; empty for the URL's host
  /// @throws IOException when the text contains no certificate
  static SSLContext trusting(String pem, Optional<String> serverName) throws IOException {
    try {
      TrustManagerFactory factory =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      factory.init(pem.isEmpty() ? null : store(pem));
      TrustManager[] managers = factory.getTrustManagers();
      if (serverName.isPresent()) {
        managers = new TrustManager[] {named(serverName.get(), managers)};
      }
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, managers, null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IOException("the target's tls.caFile is not usable: " + e.getMessage(), e);
    }
  }

  private static TrustManager named(String serverName, TrustManager[] managers) {
    for (TrustManager manager : managers) {
      if (manager instanceof X509ExtendedTrustManager trust) {
        return new NamedTrust(serverName, trust);
      }
    }
    throw new IllegalStateException("Java has no trust manager for X.509");
  }

  private static KeyStore store(String pem) throws GeneralSecurityException, IOException {
    KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
    store.load(null, null);
    int count = 0;
    for (Certificate certificate : certificates(pem)) {
      store.setCertificateEntry("ca-" + count++, certificate);
    }
    return store;
  }

  private static Collection<? extends Certificate> certificates(String pem) throws IOException {
    try {
      Collection<? extends Certificate> found =
          CertificateFactory.getInstance("X.509")
              .generateCertificates(
                  new ByteArrayInputStream(pem.getBytes(StandardCharsets.US_ASCII)));
      if (found.isEmpty()) {
        throw new IOException("the target's tls.caFile contains no certificate in PEM form");
      }
      return found;
    } catch (CertificateException e) {
      throw new IOException("the target's tls.caFile contains no certificate in PEM form", e);
    }
  }
}
