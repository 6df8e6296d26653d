// SPDX-License-Identifier: Apache-2.0

/// The answers of the simulated model. Tokens are a pure function of (model version, prompt, seed,
/// index), so that every answer and every continuation of a cut answer can be checked byte for
/// byte.
@NullMarked
package dev.weir.simulator.answer;

import org.jspecify.annotations.NullMarked;
