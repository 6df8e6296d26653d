// SPDX-License-Identifier: Apache-2.0

/// The text forms of values: durations, quantities, percentages, and paths to fields. Parsing a
/// printed value returns the same value.
@NullMarked
package dev.weir.model.notation;

import org.jspecify.annotations.NullMarked;
