// SPDX-License-Identifier: Apache-2.0

/// Sockets and HTTP/1.1: parses requests within limits, sends answers in order, and closes every
/// connection eventually.
@NullMarked
package dev.weir.gateway.listener;

import org.jspecify.annotations.NullMarked;
