// SPDX-License-Identifier: Apache-2.0

/// Hostile input for the control API: requests that are almost valid, and the rules that every
/// answer must obey.
@NullMarked
package dev.weir.trials.fuzz;

import org.jspecify.annotations.NullMarked;
