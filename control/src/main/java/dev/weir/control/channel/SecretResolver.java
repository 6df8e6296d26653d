// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.channel;

import java.io.IOException;

/// Resolves references to secrets. Called at each delivery, so that secrets may be replaced.
@FunctionalInterface
public interface SecretResolver {
  /// @throws IOException if there is no secret; the message names the reference, never the secret
  String read(String reference) throws IOException;
}
