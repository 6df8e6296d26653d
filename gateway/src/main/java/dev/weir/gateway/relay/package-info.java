// SPDX-License-Identifier: Apache-2.0

/// Brings a replica's answer to the client: what is held back until it is safe, what passes as it
/// comes, what ends a stream, and what is kept so that another replica can speak on. Cancels in
/// both directions.
@NullMarked
package dev.weir.gateway.relay;

import org.jspecify.annotations.NullMarked;
