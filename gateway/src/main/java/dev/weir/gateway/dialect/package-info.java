// SPDX-License-Identifier: Apache-2.0

/// API families (OpenAI first, Anthropic): supported paths, the position of the model name, the
/// meaning of stream events, and error formats.
@NullMarked
package dev.weir.gateway.dialect;

import org.jspecify.annotations.NullMarked;
