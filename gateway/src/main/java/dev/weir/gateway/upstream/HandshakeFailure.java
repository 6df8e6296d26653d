// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.upstream;

import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import javax.net.ssl.SSLException;

/// The reason why a TLS handshake with a replica failed, as text.
final class HandshakeFailure {
  private static final int MAX_CAUSES = 16;

  private HandshakeFailure() {}

  /// @param why for clients: without internal addresses
  /// @param cause for the log: Java's message, one line
  record Refusal(String why, String cause) {}

  static Refusal refusal(Throwable failure) {
    Throwable deepest = failure;
    Throwable decisive = failure;
    for (int i = 0; i < MAX_CAUSES && deepest.getCause() != null; i++) {
      deepest = deepest.getCause();
      decisive = deepest instanceof CertificateException ? deepest : decisive;
    }
    return new Refusal(why(decisive, deepest), oneLine(deepest));
  }

  private static String why(Throwable decisive, Throwable deepest) {
    if (deepest instanceof CertificateExpiredException
        || deepest instanceof CertificateNotYetValidException) {
      return "its certificate is not valid now";
    }
    if (decisive instanceof CertificateException) {
      return decisive.equals(deepest)
          ? "its certificate is for another host name"
          : "its certificate is not trusted";
    }
    return deepest instanceof SSLException
        ? "the TLS handshake failed"
        : "it closed the connection during the TLS handshake";
  }

  private static String oneLine(Throwable cause) {
    return String.valueOf(cause.getMessage()).replaceAll("[\\p{Cntrl}\"]", " ");
  }
}
