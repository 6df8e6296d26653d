// SPDX-License-Identifier: Apache-2.0
package dev.weir.model.value;

import java.util.Optional;

/// `model@version`, as users write it; the resource is named `<model>-<version>`.
public record VersionRef(String model, String version) implements Comparable<VersionRef> {
  public VersionRef {
    if (model.isEmpty() || version.isEmpty() || model.contains("@")) {
      throw new IllegalArgumentException("not model@version: " + model + "@" + version);
    }
  }

  /// Reads `chat@2`; empty when the text is not of that form.
  public static Optional<VersionRef> parse(String text) {
    int at = text.indexOf('@');
    if (at <= 0 || at == text.length() - 1 || text.indexOf('@', at + 1) >= 0) {
      return Optional.empty();
    }
    return Optional.of(new VersionRef(text.substring(0, at), text.substring(at + 1)));
  }

  /// The name of the ModelVersion resource.
  public String resourceName() {
    return model + "-" + version;
  }

  @Override
  public int compareTo(VersionRef other) {
    int byModel = model.compareTo(other.model);
    return byModel != 0 ? byModel : version.compareTo(other.version);
  }

  @Override
  public String toString() {
    return model + "@" + version;
  }
}
