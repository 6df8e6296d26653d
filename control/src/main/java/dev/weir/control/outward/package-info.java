// SPDX-License-Identifier: Apache-2.0

/// The way out to addresses that users wrote: one rule of where Weir may not be sent, bounded in
/// time and size.
@NullMarked
package dev.weir.control.outward;

import org.jspecify.annotations.NullMarked;
