// SPDX-License-Identifier: Apache-2.0

/// The timing of the simulated accelerator: continuous batching with measured prefill and decode
/// times, as pure code with an injected clock. Independent of sockets and text.
@NullMarked
package dev.weir.simulator.engine;

import org.jspecify.annotations.NullMarked;
