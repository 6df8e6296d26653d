// SPDX-License-Identifier: Apache-2.0
package dev.weir.runtime.probe;

import java.net.http.HttpClient;
import java.util.Optional;

/// The credentials of one call to an endpoint. Resolved for each call, because keys and CAs can
/// change while Weir runs.
public sealed interface CallCredentials {
  /// @param token sent as `Authorization: Bearer`
  /// @param host sent as `Host` instead of the URL's host
  record Granted(HttpClient client, Optional<String> token, Optional<String> host)
      implements CallCredentials {
    /// Omits the token.
    @Override
    public String toString() {
      return "Granted[token=" + token.map(_ -> "...") + ", host=" + host + "]";
    }
  }

  /// A credential is not available.
  ///
  /// @param reason one line without secrets
  record Missing(String reason) implements CallCredentials {}

  /// Without a token and without another host name.
  static CallCredentials plain(HttpClient client) {
    return new Granted(client, Optional.empty(), Optional.empty());
  }
}
