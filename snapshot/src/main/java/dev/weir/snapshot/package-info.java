// SPDX-License-Identifier: Apache-2.0

/// The protocol between the two planes: the compiled, immutable, numbered snapshot that the gateway
/// serves from, and the telemetry that it sends back.
@NullMarked
package dev.weir.snapshot;

import org.jspecify.annotations.NullMarked;
