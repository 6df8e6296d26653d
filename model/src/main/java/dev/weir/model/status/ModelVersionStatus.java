// SPDX-License-Identifier: Apache-2.0
package dev.weir.model.status;

import dev.weir.model.value.Default;
import dev.weir.model.value.Text;

/// The observed state of a version.
public record ModelVersionStatus(@Default("Registered") Stage stage) {
  /// The lifecycle stages of a version.
  public enum Stage implements Text {
    REGISTERED("Registered"),
    VALIDATING("Validating"),
    VALIDATED("Validated"),
    REJECTED("Rejected"),
    APPROVED("Approved"),
    SERVING("Serving"),
    DEPRECATED("Deprecated"),
    ARCHIVED("Archived");

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
