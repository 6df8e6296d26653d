// SPDX-License-Identifier: Apache-2.0
package dev.weir.model.spec;

import dev.weir.model.value.Default;
import java.util.List;
import java.util.Optional;

/// The description of a model in the registry.
///
/// @param owner the responsible person or team
/// @param licence an SPDX identifier or a name
public record ModelSpec(
    String owner,
    Optional<String> licence,
    Optional<String> dataClassification,
    Optional<String> riskTier,
    Optional<String> intendedUse,
    @Default("[]") List<String> contacts) {
  public ModelSpec {
    contacts = List.copyOf(contacts);
  }
}
