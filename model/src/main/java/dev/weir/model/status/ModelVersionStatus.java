// SPDX-License-Identifier: Apache-2.0
package dev.weir.model.status;

import dev.weir.model.value.Default;
import dev.weir.model.value.Text;

/// The observed state of a version.
///
/// @param stage always `Registered`; `weir get services` shows which versions serve
public record ModelVersionStatus(@Default("Registered") Stage stage) {
  /// The stages of a version. A stored version is registered; no further stage exists yet.
  public enum Stage implements Text {
    REGISTERED("Registered");

    private final String text;

    Stage(String text) {
      this.text = text;
    }

    @Override
    public String text() {
      return text;
    }
  }
}
