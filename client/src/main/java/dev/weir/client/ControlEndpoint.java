// SPDX-License-Identifier: Apache-2.0
package dev.weir.client;

import java.net.URI;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;

/// The address of a control plane and the API key to use.
///
/// @param server the control address, for example `http://127.0.0.1:9090`
/// @param key sent as a bearer token; without one only `/health` and `/ready` answer
/// @param timeout for one call from request to answer; watches have none
public record ControlEndpoint(URI server, Optional<String> key, Duration timeout) {
  /// How long one call may take unless said otherwise.
  public static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(60);

  public ControlEndpoint {
    if (String.valueOf(server.getRawAuthority()).contains("@")) {
      // It is not repeated: what stands there is meant to be a secret.
      throw new IllegalArgumentException(
          "the address of a control plane holds no user and no password: Weir takes a key (--key)");
    }
    String scheme = String.valueOf(server.getScheme()).toLowerCase(Locale.ROOT);
    if (!(scheme.equals("http") || scheme.equals("https")) || server.getHost() == null) {
      throw new IllegalArgumentException(
          "not the address of a control plane: " + server + " (for example http://127.0.0.1:9090)");
    }
    key.ifPresent(ControlEndpoint::checkKey);
  }

  private static void checkKey(String key) {
    // The key itself stays out of the message.
    if (key.isEmpty() || !key.chars().allMatch(c -> c > 0x20 && c < 0x7F)) {
      throw new IllegalArgumentException(
          "not a key: it is empty or holds spaces or odd characters");
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
