// SPDX-License-Identifier: Apache-2.0

/// Tests.
@NullMarked
package dev.weir.snapshot.metric;

import org.jspecify.annotations.NullMarked;
