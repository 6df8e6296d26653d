// SPDX-License-Identifier: Apache-2.0

/// The contract of every provider, which runs for each implementation, and the model server for it.
@NullMarked
package dev.weir.runtime;

import org.jspecify.annotations.NullMarked;
