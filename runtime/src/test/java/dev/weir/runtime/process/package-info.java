// SPDX-License-Identifier: Apache-2.0

/// Tests of the process provider.
@NullMarked
package dev.weir.runtime.process;

import org.jspecify.annotations.NullMarked;
