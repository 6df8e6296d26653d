// SPDX-License-Identifier: Apache-2.0

/// Tests of `.reconcile`.
@NullMarked
package dev.weir.control.reconcile;

import org.jspecify.annotations.NullMarked;
