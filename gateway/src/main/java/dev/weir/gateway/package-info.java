// SPDX-License-Identifier: Apache-2.0

/// The data plane: takes an HTTP request from the listener to a replica and back, using only the
/// current snapshot.
@NullMarked
package dev.weir.gateway;

import org.jspecify.annotations.NullMarked;
