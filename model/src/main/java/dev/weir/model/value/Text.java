// SPDX-License-Identifier: Apache-2.0
package dev.weir.model.value;

/// The text form of an enum constant in manifests and responses.
public interface Text {
  String text();
}
