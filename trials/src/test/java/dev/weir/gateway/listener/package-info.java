// SPDX-License-Identifier: Apache-2.0

/// The fuzzer's way into the listener, which shows nobody else its parts.
@NullMarked
package dev.weir.gateway.listener;

import org.jspecify.annotations.NullMarked;
