// SPDX-License-Identifier: Apache-2.0
/// Parts of trial `matrix`: regressions of simulated engines, clients that measure answers, and the
/// rules of other tools over the same slices.
@NullMarked
package dev.weir.trials.matrix;

import org.jspecify.annotations.NullMarked;
