// SPDX-License-Identifier: Apache-2.0

/// Relays a replica's answer to the client: what is held back, what passes through, how a stream
/// ends, and what is stored so that another replica can continue it. Propagates cancellation in
/// both directions.
@NullMarked
package dev.weir.gateway.relay;

import org.jspecify.annotations.NullMarked;
