// SPDX-License-Identifier: Apache-2.0

/// The contract every provider keeps, to be run for each implementation, and the model server it
/// runs against.
@NullMarked
package dev.weir.runtime;

import org.jspecify.annotations.NullMarked;
