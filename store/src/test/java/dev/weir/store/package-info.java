// SPDX-License-Identifier: Apache-2.0

/// The contract of every store, which runs for each implementation.
@NullMarked
package dev.weir.store;

import org.jspecify.annotations.NullMarked;
