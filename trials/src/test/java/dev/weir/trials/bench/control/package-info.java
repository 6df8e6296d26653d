// SPDX-License-Identifier: Apache-2.0

/// What a control plane costs that has nothing to do, measured on the real program by the number of
/// its Services.
@NullMarked
package dev.weir.trials.bench.control;

import org.jspecify.annotations.NullMarked;
