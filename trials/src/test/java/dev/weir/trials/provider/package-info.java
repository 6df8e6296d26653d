// SPDX-License-Identifier: Apache-2.0

/// Engines as real processes: which processes run, to which replica each belongs, and a Weir that
/// dies at a named point.
@NullMarked
package dev.weir.trials.provider;

import org.jspecify.annotations.NullMarked;
