// SPDX-License-Identifier: Apache-2.0

/// One attempt at one replica: a pooled connection on the client's own event loop, its deadlines,
/// and a classified result. Never tries another replica by itself.
@NullMarked
package dev.weir.gateway.upstream;

import org.jspecify.annotations.NullMarked;
