// SPDX-License-Identifier: Apache-2.0
package dev.weir.model;

/// An enum constant's form in manifests and answers.
public interface Text {
  String text();
}
