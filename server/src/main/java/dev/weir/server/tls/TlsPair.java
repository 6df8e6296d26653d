// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.tls;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/// A certificate and its private key.
///
/// @param chain the server's certificate first, then its issuers
public record TlsPair(List<X509Certificate> chain, PrivateKey key) {
  public TlsPair {
    chain = List.copyOf(chain);
    if (chain.isEmpty()) {
      throw new IllegalArgumentException("the chain must not be empty");
    }
  }

  private X509Certificate leaf() {
    return chain.getFirst();
  }

  /// When the certificate expires.
  public Instant expires() {
    return leaf().getNotAfter().toInstant();
  }

  /// Host names and addresses of the certificate, in its order.
  public List<String> names() {
    try {
      Collection<List<?>> names = leaf().getSubjectAlternativeNames();
      return Optional.ofNullable(names).stream()
          .flatMap(Collection::stream)
          .map(name -> String.valueOf(name.get(1)))
          .toList();
    } catch (CertificateParsingException e) {
      return List.of();
    }
  }

  /// Whether the last certificate is self-signed, so that clients can trust this file.
  public boolean endsInItsOwnAuthority() {
    X509Certificate last = chain.getLast();
    return last.getSubjectX500Principal().equals(last.getIssuerX500Principal());
  }

  /// The TLS context of a listener with this certificate.
  public SSLContext context() {
    try {
      char[] none = new char[0];
      KeyStore store = KeyStore.getInstance("PKCS12");
      store.load(null, none);
      store.setKeyEntry("weir", key, none, chain.toArray(X509Certificate[]::new));
      KeyManagerFactory keys =
          KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      keys.init(store, none);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(keys.getKeyManagers(), null, null);
      return context;
    } catch (IOException | GeneralSecurityException e) {
      throw new IllegalStateException("this Java cannot serve TLS with the certificate", e);
    }
  }

  /// Omits the key.
  @Override
  public String toString() {
    return leaf().getSubjectX500Principal().getName() + " " + names() + " until " + expires();
  }
}
