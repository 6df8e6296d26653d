// SPDX-License-Identifier: Apache-2.0

/// The only thing the two planes share: the compiled, immutable, revision-numbered snapshot the
/// gateway serves from, and the telemetry it sends back about that revision.
@NullMarked
package dev.weir.snapshot;

import org.jspecify.annotations.NullMarked;
