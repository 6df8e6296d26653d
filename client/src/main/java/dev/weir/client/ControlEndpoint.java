// SPDX-License-Identifier: Apache-2.0
package dev.weir.client;

import java.net.URI;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;

/// The address of a control plane and the API key to use.
///
/// @param server the control address, for example `http://127.0.0.1:9090`
/// @param key sent as a bearer token; without it only `/health` and `/ready` respond
/// @param timeout for one call, from request to response; watches have none
public record ControlEndpoint(URI server, Optional<String> key, Duration timeout) {
  /// The default timeout of one call.
  public static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(60);

  public ControlEndpoint {
    if (String.valueOf(server.getRawAuthority()).contains("@")) {
      // The message must not contain the URL, which may contain a secret.
      throw new IllegalArgumentException(
          "the control plane URL must not contain a user or password: use an API key (--key)");
    }
    String scheme = String.valueOf(server.getScheme()).toLowerCase(Locale.ROOT);
    if (!(scheme.equals("http") || scheme.equals("https")) || server.getHost() == null) {
      throw new IllegalArgumentException(
          "not a valid control plane URL: " + server + " (for example http://127.0.0.1:9090)");
    }
    key.ifPresent(ControlEndpoint::checkKey);
  }

  private static void checkKey(String key) {
    // The message must not contain the key.
    if (key.isEmpty() || !key.chars().allMatch(c -> c > 0x20 && c < 0x7F)) {
      throw new IllegalArgumentException(
          "invalid API key: it is empty or contains spaces or non-ASCII characters");
    }
  }

  public static ControlEndpoint of(URI server, String key) {
    return new ControlEndpoint(server, Optional.of(key), DEFAULT_TIMEOUT);
  }

  /// Without the key, so that it is never logged.
  @Override
  public String toString() {
    return server.toString();
  }
}
