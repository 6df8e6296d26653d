// SPDX-License-Identifier: Apache-2.0

/// The trace player: sends a plan open-loop, judges every answer itself, and reports what clients
/// saw.
@NullMarked
package dev.weir.simulator.player;

import org.jspecify.annotations.NullMarked;
