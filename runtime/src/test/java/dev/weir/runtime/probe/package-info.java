// SPDX-License-Identifier: Apache-2.0

/// Tests.
@NullMarked
package dev.weir.runtime.probe;

import org.jspecify.annotations.NullMarked;
