// SPDX-License-Identifier: Apache-2.0

/// Whether every gateway serves what it should, and who does not.
@NullMarked
package dev.weir.control.convergence;

import org.jspecify.annotations.NullMarked;
