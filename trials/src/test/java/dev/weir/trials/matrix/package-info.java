// SPDX-License-Identifier: Apache-2.0
/// What trial `matrix` is made of: regressions that simulated engines are dealt, clients that
/// measure what they get, and the rules that others would have judged by, over the same slices.
@NullMarked
package dev.weir.trials.matrix;

import org.jspecify.annotations.NullMarked;
