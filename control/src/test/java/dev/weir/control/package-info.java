// SPDX-License-Identifier: Apache-2.0

/// Whole releases in one process, on a manual clock.
@NullMarked
package dev.weir.control;

import org.jspecify.annotations.NullMarked;
