// SPDX-License-Identifier: Apache-2.0

/// What needs the whole: end-to-end tests, fault trials, policy simulations with their committed
/// reports, benchmarks, architecture rules.
@NullMarked
package dev.weir.trials;

import org.jspecify.annotations.NullMarked;
