// SPDX-License-Identifier: Apache-2.0

/// The HTTP face of the simulated server: vLLM's endpoints on one Netty event loop, which also
/// turns the wheel of the batch scheduler. Everything here is confined to that loop, so nothing is
/// locked.
@NullMarked
package dev.weir.simulator.serving;

import org.jspecify.annotations.NullMarked;
