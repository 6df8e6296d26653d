// SPDX-License-Identifier: Apache-2.0

/// Tests that need all modules: trials (end-to-end tests with faults), benchmarks, checks of the
/// documentation, and architecture rules.
@NullMarked
package dev.weir.trials;

import org.jspecify.annotations.NullMarked;
