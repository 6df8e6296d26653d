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
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/// Trust in the certificates of a PEM file, and in nobody else.
final class Authorities {
  private Authorities() {}

  /// @param pem one certificate or more
  /// @throws IOException when it holds none
  static SSLContext trusting(String pem) throws IOException {
    try {
      KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
      store.load(null, null);
      int count = 0;
      for (Certificate certificate : certificates(pem)) {
        store.setCertificateEntry("ca-" + count++, certificate);
      }
      TrustManagerFactory trust =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      trust.init(store);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, trust.getTrustManagers(), null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IOException("the target's tls.caFile cannot be trusted: " + e.getMessage(), e);
    }
  }

  private static Collection<? extends Certificate> certificates(String pem) throws IOException {
    try {
      Collection<? extends Certificate> found =
          CertificateFactory.getInstance("X.509")
              .generateCertificates(
                  new ByteArrayInputStream(pem.getBytes(StandardCharsets.US_ASCII)));
      if (found.isEmpty()) {
        throw new IOException("the target's tls.caFile holds no certificate in PEM form");
      }
      return found;
    } catch (CertificateException e) {
      throw new IOException("the target's tls.caFile holds no certificate in PEM form", e);
    }
  }
}
