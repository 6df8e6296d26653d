// SPDX-License-Identifier: Apache-2.0

/// Tests of the replica lifecycle.
@NullMarked
package dev.weir.runtime.lifecycle;

import org.jspecify.annotations.NullMarked;
