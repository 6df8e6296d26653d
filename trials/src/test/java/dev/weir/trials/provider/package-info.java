// SPDX-License-Identifier: Apache-2.0

/// Engines as real processes: who runs, whose they are, and a Weir that dies where it is told.
@NullMarked
package dev.weir.trials.provider;

import org.jspecify.annotations.NullMarked;
