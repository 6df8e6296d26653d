// SPDX-License-Identifier: Apache-2.0
package dev.weir.runtime;

import dev.weir.model.Target;
import java.util.Set;

/// Opens the provider of a Target.
public interface ProviderFactory {
  /// @throws IllegalArgumentException when this factory cannot serve the target, saying why
  Provider open(Target target);

  /// Names of Targets on which an earlier process of the owner has left replicas that nobody but
  /// Weir ends, whether or not there still are such Targets.
  ///
  /// @throws java.io.UncheckedIOException when that cannot be found out
  default Set<String> left() {
    return Set.of();
  }
}
