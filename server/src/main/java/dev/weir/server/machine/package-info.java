// SPDX-License-Identifier: Apache-2.0

/// Checks of the machine and of what already runs on it.
@NullMarked
package dev.weir.server.machine;

import org.jspecify.annotations.NullMarked;
