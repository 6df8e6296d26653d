// SPDX-License-Identifier: Apache-2.0

/// Tests of the sequential tests.
@NullMarked
package dev.weir.analysis.sequential;

import org.jspecify.annotations.NullMarked;
