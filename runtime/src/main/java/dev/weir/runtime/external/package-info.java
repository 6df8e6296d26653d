// SPDX-License-Identifier: Apache-2.0

/// Replicas that somebody else runs: they are asked how they are, never started or stopped.
@NullMarked
package dev.weir.runtime.external;

import org.jspecify.annotations.NullMarked;
