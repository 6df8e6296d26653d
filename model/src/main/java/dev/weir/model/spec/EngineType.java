// SPDX-License-Identifier: Apache-2.0
package dev.weir.model.spec;

import dev.weir.model.value.Text;
import java.util.Optional;
import java.util.regex.Pattern;

/// The name of the server program behind a version: the name of a built-in engine, or any other
/// name together with a profile in the manifest.
///
/// @param text 1 to 63 lower-case letters, digits and hyphens, with a letter or digit at both ends
public record EngineType(String text) implements Text {
  private static final Pattern NAME = Pattern.compile("[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?");

  /// The simulated engine that is part of Weir.
  public static final EngineType SIM = new EngineType("sim");

  /// @throws IllegalArgumentException when the text is not such a name
  public EngineType {
    if (!NAME.matcher(text).matches()) {
      throw new IllegalArgumentException("not the name of an engine: " + text);
    }
  }

  /// Reads a name; empty when the text is not one.
  public static Optional<EngineType> parse(String text) {
    return NAME.matcher(text).matches() ? Optional.of(new EngineType(text)) : Optional.empty();
  }

  /// Whether answers are simulated.
  public boolean simulated() {
    return equals(SIM);
  }

  @Override
  public String toString() {
    return text;
  }
}
