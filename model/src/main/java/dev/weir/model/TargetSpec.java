// SPDX-License-Identifier: Apache-2.0
package dev.weir.model;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A place replicas run.
///
/// @param capacity accelerators by type; empty means not counted
/// @param allowedCommands for `process`: the programs (`argv[0]`, exact) that replicas may run; an
///   administrator's list. The simulated engine that Weir brings is always allowed
public record TargetSpec(
    ProviderType provider,
    Optional<String> region,
    Optional<String> cloud,
    Optional<String> environment,
    @Default("{}") Map<String, Integer> capacity,
    @Default("[]") List<String> allowedCommands) {
  public TargetSpec {
    capacity = Map.copyOf(capacity);
    allowedCommands = List.copyOf(allowedCommands);
  }

  public enum ProviderType implements Text {
    PROCESS("process"),
    EXTERNAL("external");

    private final String text;

    ProviderType(String text) {
      this.text = text;
    }

    @Override
    public String text() {
      return text;
    }
  }
}
