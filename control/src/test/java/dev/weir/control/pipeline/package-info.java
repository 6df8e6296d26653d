// SPDX-License-Identifier: Apache-2.0

/// Tests of the path of a write.
@NullMarked
package dev.weir.control.pipeline;

import org.jspecify.annotations.NullMarked;
