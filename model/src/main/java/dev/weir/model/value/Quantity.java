// SPDX-License-Identifier: Apache-2.0
package dev.weir.model.value;

/// An amount of bytes as Kubernetes writes it (`80Gi`, `512Mi`, `1000000`).
///
/// @param bytes 0 or more
public record Quantity(long bytes) {
  public Quantity {
    if (bytes < 0) {
      throw new IllegalArgumentException("a quantity must be 0 or more: " + bytes);
    }
  }
}
