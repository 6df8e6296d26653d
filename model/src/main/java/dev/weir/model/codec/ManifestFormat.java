// SPDX-License-Identifier: Apache-2.0
package dev.weir.model.codec;

/// How a text of resources is written.
public enum ManifestFormat {
  /// JSON when the text is JSON, otherwise YAML.
  AUTO,
  YAML,
  JSON
}
