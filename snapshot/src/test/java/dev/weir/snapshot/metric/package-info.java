// SPDX-License-Identifier: Apache-2.0

/// Tests of metric declarations.
@NullMarked
package dev.weir.snapshot.metric;

import org.jspecify.annotations.NullMarked;
