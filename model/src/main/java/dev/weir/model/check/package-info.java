// SPDX-License-Identifier: Apache-2.0

/// What must hold inside one resource: ranges of fields and what fields demand of each other, as
/// pure functions that return all problems at once. Whether a reference points at something is not
/// asked here.
@NullMarked
package dev.weir.model.check;

import org.jspecify.annotations.NullMarked;
