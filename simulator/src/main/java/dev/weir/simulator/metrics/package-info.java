// SPDX-License-Identifier: Apache-2.0

/// vLLM's Prometheus metrics with the measurements of the simulated engine.
@NullMarked
package dev.weir.simulator.metrics;

import org.jspecify.annotations.NullMarked;
