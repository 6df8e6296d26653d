// SPDX-License-Identifier: Apache-2.0

/// Tests of the canary engine.
@NullMarked
package dev.weir.analysis;

import org.jspecify.annotations.NullMarked;
