// SPDX-License-Identifier: Apache-2.0
package dev.weir.model.codec;

/// The format of a text with resources.
public enum ManifestFormat {
  /// JSON if the text is JSON, otherwise YAML.
  AUTO,
  YAML,
  JSON
}
