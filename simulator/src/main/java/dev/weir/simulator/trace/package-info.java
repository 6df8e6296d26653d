// SPDX-License-Identifier: Apache-2.0

/// The requests to play and their times: fitted or recorded production traces, converted into an
/// endless or finite plan that is deterministic for a seed.
@NullMarked
package dev.weir.simulator.trace;

import org.jspecify.annotations.NullMarked;
