// SPDX-License-Identifier: Apache-2.0

/// Which requests are played and when: fitted or recorded production traces, turned into an endless
/// or finite plan that is the same for the same seed.
@NullMarked
package dev.weir.simulator.trace;

import org.jspecify.annotations.NullMarked;
