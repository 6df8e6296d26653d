// SPDX-License-Identifier: Apache-2.0

/// What the gateway knows about an answer while it relays it: text, tokens, end, and how to
/// continue it.
@NullMarked
package dev.weir.gateway.exchange.answer;

import org.jspecify.annotations.NullMarked;
