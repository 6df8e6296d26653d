// SPDX-License-Identifier: Apache-2.0

/// How fast the gateway completes requests, and when a rejected client should retry.
@NullMarked
package dev.weir.gateway.exchange.load;

import org.jspecify.annotations.NullMarked;
