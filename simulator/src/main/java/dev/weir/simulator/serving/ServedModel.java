// SPDX-License-Identifier: Apache-2.0
package dev.weir.simulator.serving;

import java.util.Optional;

/// The served model and its access.
///
/// @param name model name for clients
/// @param version determines its answers
/// @param maxModelLen tokens of prompt and answer together
/// @param apiKey the key that guards `/v1`
/// @param judge whether it answers chats with a grade of their content
/// @param createdSeconds UNIX time of the model entry
public record ServedModel(
    String name,
    String version,
    int maxModelLen,
    Optional<String> apiKey,
    boolean judge,
    long createdSeconds) {
  public ServedModel {
    if (name.isBlank()) {
      throw new IllegalArgumentException("the model name must not be empty");
    }
    if (maxModelLen < 2) {
      throw new IllegalArgumentException("max-model-len is " + maxModelLen + ", must be 2 or more");
    }
  }
}
