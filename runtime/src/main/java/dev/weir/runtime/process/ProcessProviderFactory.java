// SPDX-License-Identifier: Apache-2.0
package dev.weir.runtime.process;

import dev.weir.model.Target;
import dev.weir.model.TargetSpec.ProviderType;
import dev.weir.runtime.Provider;
import dev.weir.runtime.ProviderFactory;

/// Opens Targets of provider `process`, each in a folder of its own name.
public final class ProcessProviderFactory implements ProviderFactory {
  private final ProcessProviderOptions options;

  public ProcessProviderFactory(ProcessProviderOptions options) {
    this.options = options;
  }

  /// @throws IllegalArgumentException for a target of another provider, or on a machine that lacks
  ///   what processes need
  @Override
  public Provider open(Target target) {
    if (target.spec().provider() != ProviderType.PROCESS) {
      throw new IllegalArgumentException(target.ref() + " is no `process` target");
    }
    String missing = Launcher.missing();
    if (!missing.isEmpty()) {
      throw new IllegalArgumentException(
          "target " + target.metadata().name() + " cannot run processes here: " + missing);
    }
    return ProcessProvider.open(
        options,
        options.folder().resolve(target.metadata().name()),
        target.spec().allowedCommands());
  }
}
