// SPDX-License-Identifier: Apache-2.0

/// Hostile input: requests that are nearly right, and what must be true of every answer.
@NullMarked
package dev.weir.trials.fuzz;

import org.jspecify.annotations.NullMarked;
