// SPDX-License-Identifier: Apache-2.0

/// Checks whether every gateway serves the published snapshot, and names those that do not.
@NullMarked
package dev.weir.control.convergence;

import org.jspecify.annotations.NullMarked;
