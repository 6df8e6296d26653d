// SPDX-License-Identifier: Apache-2.0
package dev.weir.runtime;

import dev.weir.model.Target;

/// Opens the provider of a Target.
public interface ProviderFactory {
  /// @throws IllegalArgumentException when this factory cannot serve the target, saying why
  Provider open(Target target);
}
