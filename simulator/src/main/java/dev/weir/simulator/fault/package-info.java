// SPDX-License-Identifier: Apache-2.0

/// The faults a simulated server can be told to have, and the seeded dice that decide which request
/// meets which of them.
@NullMarked
package dev.weir.simulator.fault;

import org.jspecify.annotations.NullMarked;
