// SPDX-License-Identifier: Apache-2.0

/// API families (OpenAI first, Anthropic): which paths exist, where the model name stands, what one
/// event of a stream says, and how errors look to that family's clients.
@NullMarked
package dev.weir.gateway.dialect;

import org.jspecify.annotations.NullMarked;
