// SPDX-License-Identifier: Apache-2.0

/// The composition root: `main`, configuration and wiring.
@NullMarked
package dev.weir.server;

import org.jspecify.annotations.NullMarked;
