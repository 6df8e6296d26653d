// SPDX-License-Identifier: Apache-2.0

/// Tests.
@NullMarked
package dev.weir.runtime.lifecycle;

import org.jspecify.annotations.NullMarked;
