// SPDX-License-Identifier: Apache-2.0

/// The HTTP layer of the simulated server: vLLM's endpoints on one Netty event loop, which also
/// runs the batch scheduler. All code is confined to that loop and needs no locks.
@NullMarked
package dev.weir.simulator.serving;

import org.jspecify.annotations.NullMarked;
