// SPDX-License-Identifier: Apache-2.0

/// The composition root: the one main, one configuration, the wiring, and nothing else.
@NullMarked
package dev.weir.server;

import org.jspecify.annotations.NullMarked;
