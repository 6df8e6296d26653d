// SPDX-License-Identifier: Apache-2.0
package dev.weir.simulator.serving;

/// The result of parsing a request.
sealed interface ParseResult permits GenerationRequest, ApiError {}
