// SPDX-License-Identifier: Apache-2.0

/// A minimal `--name value` parser, so that simulated servers start fast and the module needs no
/// command-line library.
@NullMarked
package dev.weir.simulator.flags;

import org.jspecify.annotations.NullMarked;
