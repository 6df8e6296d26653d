// SPDX-License-Identifier: Apache-2.0

/// The configurable faults of a simulated server, and the seeded sampler that assigns them to
/// requests.
@NullMarked
package dev.weir.simulator.fault;

import org.jspecify.annotations.NullMarked;
