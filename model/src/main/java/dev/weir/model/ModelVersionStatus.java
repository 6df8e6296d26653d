// SPDX-License-Identifier: Apache-2.0
package dev.weir.model;

/// What Weir knows of a version.
public record ModelVersionStatus(@Default("Registered") Stage stage) {
  /// Where a version stands in its life.
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
