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

/// A certificate and the key that belongs to it.
///
/// @param chain the server's own certificate first, then those that signed it
public record TlsPair(List<X509Certificate> chain, PrivateKey key) {
  public TlsPair {
    chain = List.copyOf(chain);
    if (chain.isEmpty()) {
      throw new IllegalArgumentException("a pair has a certificate");
    }
  }

  private X509Certificate own() {
    return chain.getFirst();
  }

  /// From then on clients refuse it.
  public Instant expires() {
    return own().getNotAfter().toInstant();
  }

  /// Host names and addresses that the certificate is good for, in its own order.
  public List<String> names() {
    try {
      Collection<List<?>> names = own().getSubjectAlternativeNames();
      return Optional.ofNullable(names).stream()
          .flatMap(Collection::stream)
          .map(name -> String.valueOf(name.get(1)))
          .toList();
    } catch (CertificateParsingException e) {
      return List.of();
    }
  }

  /// Whether the last certificate signed itself, so that a client can be told to trust this file.
  public boolean endsInItsOwnAuthority() {
    X509Certificate last = chain.getLast();
    return last.getSubjectX500Principal().equals(last.getIssuerX500Principal());
  }

  /// What a listener shows it with.
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

  /// Without the key.
  @Override
  public String toString() {
    return own().getSubjectX500Principal().getName() + " " + names() + " until " + expires();
  }
}
