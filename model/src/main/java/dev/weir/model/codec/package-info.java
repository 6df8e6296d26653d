// SPDX-License-Identifier: Apache-2.0

/// Records to text and back: resources as manifests (strict, all problems at once), wire records as
/// JSON, canonical JSON for hashes, and the JSON Schema of every kind. One description of each
/// record class drives all of them.
@NullMarked
package dev.weir.model.codec;

import org.jspecify.annotations.NullMarked;
