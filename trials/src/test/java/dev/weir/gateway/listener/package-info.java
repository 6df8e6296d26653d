// SPDX-License-Identifier: Apache-2.0

/// Access for the fuzzer to package-private parts of the listener.
@NullMarked
package dev.weir.gateway.listener;

import org.jspecify.annotations.NullMarked;
