// SPDX-License-Identifier: Apache-2.0

/// Sockets and HTTP/1.1: bytes become requests within limits, answers go back in order, and a
/// connection is never left hanging.
@NullMarked
package dev.weir.gateway.listener;

import org.jspecify.annotations.NullMarked;
