// SPDX-License-Identifier: Apache-2.0

/// The cost of an idle control plane by the number of its Services, measured on the real program.
@NullMarked
package dev.weir.trials.bench.control;

import org.jspecify.annotations.NullMarked;
