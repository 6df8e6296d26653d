// SPDX-License-Identifier: Apache-2.0
package dev.weir.runtime.probe;

import java.net.http.HttpClient;
import java.util.Optional;

/// What one call to an endpoint is made with, found anew for each call because keys and authorities
/// are replaced while Weir runs.
public sealed interface CallCredentials {
  /// @param token sent as `Authorization: Bearer`
  /// @param host sent as `Host` instead of the URL's own
  record Granted(HttpClient client, Optional<String> token, Optional<String> host)
      implements CallCredentials {
    /// Without the token.
    @Override
    public String toString() {
      return "Granted[token=" + token.map(_ -> "...") + ", host=" + host + "]";
    }
  }

  /// Something that the call needs cannot be had.
  ///
  /// @param reason one line, no secret
  record Missing(String reason) implements CallCredentials {}

  /// Neither key nor name.
  static CallCredentials plain(HttpClient client) {
    return new Granted(client, Optional.empty(), Optional.empty());
  }
}
