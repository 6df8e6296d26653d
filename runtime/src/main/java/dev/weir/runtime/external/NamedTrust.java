// SPDX-License-Identifier: Apache-2.0
package dev.weir.runtime.external;

import java.net.Socket;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;

/// Java's trust check, plus a name that the server's certificate must contain. Java alone also
/// accepts a certificate that contains the called address.
final class NamedTrust extends X509ExtendedTrustManager {
  /// The types of subject alternative names for servers (RFC 5280).
  private static final int DNS_NAME = 2;

  private static final int ADDRESS = 7;

  private final String name;
  private final X509ExtendedTrustManager trust;

  NamedTrust(String name, X509ExtendedTrustManager trust) {
    this.name = name.toLowerCase(Locale.ROOT);
    this.trust = trust;
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine)
      throws CertificateException {
    trust.checkServerTrusted(chain, type, engine);
    checkName(chain[0]);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket)
      throws CertificateException {
    trust.checkServerTrusted(chain, type, socket);
    checkName(chain[0]);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type) throws CertificateException {
    trust.checkServerTrusted(chain, type);
    checkName(chain[0]);
  }

  private void checkName(X509Certificate certificate) throws CertificateException {
    Collection<List<?>> names = certificate.getSubjectAlternativeNames();
    if (names == null || names.stream().noneMatch(this::matches)) {
      throw new CertificateException("the certificate does not contain the name " + name);
    }
  }

  private boolean matches(List<?> entry) {
    String found = String.valueOf(entry.get(1)).toLowerCase(Locale.ROOT);
    return switch ((Integer) entry.get(0)) {
      case DNS_NAME ->
          found.equals(name) || (found.startsWith("*.") && found.substring(1).equals(parent()));
      case ADDRESS -> found.equals(name);
      default -> false;
    };
  }

  /// The name without its first label: a `*` matches exactly one label.
  private String parent() {
    int dot = name.indexOf('.');
    return dot < 0 ? "" : name.substring(dot);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine)
      throws CertificateException {
    trust.checkClientTrusted(chain, type, engine);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket)
      throws CertificateException {
    trust.checkClientTrusted(chain, type, socket);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type) throws CertificateException {
    trust.checkClientTrusted(chain, type);
  }

  @Override
  public X509Certificate[] getAcceptedIssuers() {
    return trust.getAcceptedIssuers();
  }
}
