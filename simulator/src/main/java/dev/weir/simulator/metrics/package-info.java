// SPDX-License-Identifier: Apache-2.0

/// vLLM's Prometheus metrics, fed by what the simulated engine really did.
@NullMarked
package dev.weir.simulator.metrics;

import org.jspecify.annotations.NullMarked;
