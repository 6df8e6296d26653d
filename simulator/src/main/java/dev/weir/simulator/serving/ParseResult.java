// SPDX-License-Identifier: Apache-2.0
package dev.weir.simulator.serving;

/// What came of reading a request.
sealed interface ParseResult permits GenerationRequest, ApiError {}
