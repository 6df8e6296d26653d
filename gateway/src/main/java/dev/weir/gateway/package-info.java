// SPDX-License-Identifier: Apache-2.0

/// Serves: takes one HTTP request from listener to replica and back, using nothing but the current
/// snapshot.
@NullMarked
package dev.weir.gateway;

import org.jspecify.annotations.NullMarked;
