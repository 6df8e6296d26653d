// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.channel;

import java.io.IOException;

/// What references to secrets lead to, looked up at each delivery so that they may be replaced.
@FunctionalInterface
public interface SecretResolver {
  /// @throws IOException when there is nothing, naming the reference and never what it leads to
  String read(String reference) throws IOException;
}
