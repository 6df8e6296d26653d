// SPDX-License-Identifier: Apache-2.0

/// `./dev bench strata`: simulated releases whose requests have prompts of different lengths,
/// prefix caches and API keys, with and without strata.
@NullMarked
package dev.weir.trials.bench.strata;

import org.jspecify.annotations.NullMarked;
