// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.outward;

import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpTimeoutException;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import javax.net.ssl.SSLException;

/// Describes calls that failed before a response, for users. Of the URL, a description contains
/// only host and port.
public final class CallFailure {
  private CallFailure() {}

  /// One sentence without a class name where the cause is known.
  public static String describe(URI called, ExecutionException failure) {
    Throwable cause = Optional.ofNullable(failure.getCause()).orElse(failure);
    String at = host(called);
    return switch (cause) {
      case ConnectException _ -> "cannot connect to " + at;
      case HttpTimeoutException _ -> "no response from " + at + " in time";
      case SSLException tls -> "no trusted TLS connection to " + at + ": " + message(tls);
      default -> "the call to " + at + " failed: " + message(cause);
    };
  }

  private static String message(Throwable cause) {
    return Optional.ofNullable(cause.getMessage())
        .filter(text -> !text.isBlank())
        .orElseGet(() -> cause.getClass().getSimpleName());
  }

  private static String host(URI called) {
    return called.getHost() + (called.getPort() < 0 ? "" : ":" + called.getPort());
  }
}
