// SPDX-License-Identifier: Apache-2.0

/// The typed Java client of the control API, including watches.
@NullMarked
package dev.weir.client;

import org.jspecify.annotations.NullMarked;
