// SPDX-License-Identifier: Apache-2.0

/// Tests of the composition root.
@NullMarked
package dev.weir.server;

import org.jspecify.annotations.NullMarked;
