// SPDX-License-Identifier: Apache-2.0

/// A model server with simulated accelerators that speaks vLLM's API and metrics, and the trace
/// player (an open-loop client that judges answers itself).
@NullMarked
package dev.weir.simulator;

import org.jspecify.annotations.NullMarked;
