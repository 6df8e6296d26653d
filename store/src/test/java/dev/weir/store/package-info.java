// SPDX-License-Identifier: Apache-2.0

/// The contract every store keeps, to be run for each implementation.
@NullMarked
package dev.weir.store;

import org.jspecify.annotations.NullMarked;
