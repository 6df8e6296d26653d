// SPDX-License-Identifier: Apache-2.0

/// Outbound HTTP to addresses that users configure: one rule for forbidden addresses, with limits
/// on time and size.
@NullMarked
package dev.weir.control.outward;

import org.jspecify.annotations.NullMarked;
