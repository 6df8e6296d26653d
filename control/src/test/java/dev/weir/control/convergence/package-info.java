// SPDX-License-Identifier: Apache-2.0

/// Tests of `.convergence`.
@NullMarked
package dev.weir.control.convergence;

import org.jspecify.annotations.NullMarked;
