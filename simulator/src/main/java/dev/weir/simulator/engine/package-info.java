// SPDX-License-Identifier: Apache-2.0

/// How long the simulated accelerator takes: continuous batching with measured prefill and decode
/// times, as pure code on a clock that is handed in. Knows neither sockets nor text.
@NullMarked
package dev.weir.simulator.engine;

import org.jspecify.annotations.NullMarked;
