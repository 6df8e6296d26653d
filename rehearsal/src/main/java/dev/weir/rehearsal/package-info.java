// SPDX-License-Identifier: Apache-2.0

/// The demo and, later, rehearsals: drives Weir, simulated servers and the trace player as child
/// processes through the public API, and narrates.
@NullMarked
package dev.weir.rehearsal;

import org.jspecify.annotations.NullMarked;
