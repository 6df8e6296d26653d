// SPDX-License-Identifier: Apache-2.0
package dev.weir.runtime.external;

import dev.weir.model.Target;
import dev.weir.model.spec.TargetSettings.ExternalTarget;
import dev.weir.runtime.Provider;
import dev.weir.runtime.ProviderFactory;

/// Opens Targets of provider `external`.
public final class ExternalProviderFactory implements ProviderFactory {
  private final ExternalProviderOptions options;

  public ExternalProviderFactory(ExternalProviderOptions options) {
    this.options = options;
  }

  /// @throws IllegalArgumentException for a target of another provider
  @Override
  public Provider open(Target target) {
    if (!(target.spec().settings() instanceof ExternalTarget settings)) {
      throw new IllegalArgumentException(target.ref() + " is not an `external` target");
    }
    return new ExternalProvider(settings, options);
  }
}
