// SPDX-License-Identifier: Apache-2.0

/// The trace player: sends a plan in an open loop, checks every answer itself, and reports the
/// client-side results.
@NullMarked
package dev.weir.simulator.player;

import org.jspecify.annotations.NullMarked;
