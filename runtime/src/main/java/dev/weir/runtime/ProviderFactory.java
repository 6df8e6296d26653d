// SPDX-License-Identifier: Apache-2.0
package dev.weir.runtime;

import dev.weir.model.Target;
import java.util.Set;

/// Opens the provider of a Target.
public interface ProviderFactory {
  /// @throws IllegalArgumentException when this factory cannot serve the target; the message is the
  ///   reason
  Provider open(Target target);

  /// Names of Targets with leftover replicas of an earlier process that only Weir stops. The
  /// Targets may no longer exist.
  ///
  /// @throws java.io.UncheckedIOException when the leftovers cannot be determined
  default Set<String> leftovers() {
    return Set.of();
  }
}
