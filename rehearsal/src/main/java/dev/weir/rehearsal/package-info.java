// SPDX-License-Identifier: Apache-2.0

/// The demo: drives Weir, simulated servers and the trace player as child processes through the
/// public API, and prints progress.
@NullMarked
package dev.weir.rehearsal;

import org.jspecify.annotations.NullMarked;
