// SPDX-License-Identifier: Apache-2.0
package dev.weir.snapshot;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// The lists of a snapshot, in the order of their bytes.
public enum SnapshotSection {
  KEYS("keys"),
  ROUTES("routes"),
  SERVICES("services");

  private final String field;

  SnapshotSection(String field) {
    this.field = field;
  }

  /// The name of the list in JSON.
  public String field() {
    return field;
  }

  static Optional<SnapshotSection> of(String field) {
    return Arrays.stream(values()).filter(section -> section.field.equals(field)).findFirst();
  }

  List<?> of(RoutingSnapshot snapshot) {
    return switch (this) {
      case KEYS -> snapshot.keys();
      case ROUTES -> snapshot.routes();
      case SERVICES -> snapshot.services();
    };
  }
}
