// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.upstream;

import dev.weir.gateway.exchange.Failure;

/// How long one attempt may take, in nanoseconds.
///
/// @param connectNanos to open a connection
/// @param firstTokenNanos from the start of the attempt to its first token, `Long.MAX_VALUE` where
///   an answer has no first token (it is not streamed)
/// @param stallNanos between two signs of life after that
/// @param totalAtNanos monotonic instant at which the whole request must be over
/// @param totalKind whose deadline the total is: the service's or the client's own
public record Deadlines(
    long connectNanos,
    long firstTokenNanos,
    long stallNanos,
    long totalAtNanos,
    Failure.Kind totalKind) {}
