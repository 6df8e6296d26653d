// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.upstream;

import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import javax.net.ssl.SSLException;

/// Why a TLS handshake with a replica failed, as text.
final class HandshakeFailure {
  private static final int MOST_CAUSES = 16;

  private HandshakeFailure() {}

  /// @param why for callers: no internal address in it
  /// @param cause for the log: what Java says, one line
  record Refusal(String why, String cause) {}

  static Refusal refusal(Throwable failure) {
    Throwable deepest = failure;
    Throwable telling = failure;
    for (int i = 0; i < MOST_CAUSES && deepest.getCause() != null; i++) {
      deepest = deepest.getCause();
      telling = deepest instanceof CertificateException ? deepest : telling;
    }
    return new Refusal(why(telling, deepest), oneLine(deepest));
  }

  private static String why(Throwable telling, Throwable deepest) {
    if (deepest instanceof CertificateExpiredException
        || deepest instanceof CertificateNotYetValidException) {
      return "its certificate is not valid now";
    }
    if (telling instanceof CertificateException) {
      return telling.equals(deepest)
          ? "its certificate has another name"
          : "its certificate is not trusted here";
    }
    return deepest instanceof SSLException
        ? "it does not speak TLS as it should"
        : "it closed the connection in the TLS handshake";
  }

  private static String oneLine(Throwable cause) {
    return String.valueOf(cause.getMessage()).replaceAll("[\\p{Cntrl}\"]", " ");
  }
}
