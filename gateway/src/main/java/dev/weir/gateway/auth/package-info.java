// SPDX-License-Identifier: Apache-2.0

/// Authentication: finds the client's key using only the snapshot. Keys are known by their SHA-256
/// only, so neither a snapshot nor the heap contains one.
@NullMarked
package dev.weir.gateway.auth;

import org.jspecify.annotations.NullMarked;
