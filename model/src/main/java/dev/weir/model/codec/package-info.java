// SPDX-License-Identifier: Apache-2.0

/// Converts records to text and back: resources as manifests (strict, all problems at once), wire
/// records as JSON, canonical JSON for hashes, and the JSON Schema of every kind. All of them share
/// one shape per record class.
@NullMarked
package dev.weir.model.codec;

import org.jspecify.annotations.NullMarked;
