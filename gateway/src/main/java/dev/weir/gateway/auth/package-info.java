// SPDX-License-Identifier: Apache-2.0

/// Whose request it is: the caller's key, judged by the snapshot alone. Keys are known by their
/// SHA-256 only, so neither a snapshot nor a heap holds one.
@NullMarked
package dev.weir.gateway.auth;

import org.jspecify.annotations.NullMarked;
