// SPDX-License-Identifier: Apache-2.0
package dev.weir.model.spec;

import dev.weir.model.value.Default;
import dev.weir.model.value.Text;
import java.util.Optional;

/// @param disabled whether the principal's keys are rejected
public record PrincipalSpec(
    @Default("user") PrincipalType type,
    Optional<String> displayName,
    Optional<String> email,
    @Default("false") boolean disabled) {
  public enum PrincipalType implements Text {
    USER("user"),
    SERVICE_ACCOUNT("serviceAccount");

    private final String text;

    PrincipalType(String text) {
      this.text = text;
    }

    @Override
    public String text() {
      return text;
    }
  }
}
