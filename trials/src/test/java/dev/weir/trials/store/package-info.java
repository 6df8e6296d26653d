// SPDX-License-Identifier: Apache-2.0

/// The store under `kill -9`: a child process that writes and acknowledges, and a verifier of the
/// store that is left.
@NullMarked
package dev.weir.trials.store;

import org.jspecify.annotations.NullMarked;
