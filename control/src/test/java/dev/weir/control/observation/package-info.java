// SPDX-License-Identifier: Apache-2.0

/// Tests of `.observation`.
@NullMarked
package dev.weir.control.observation;

import org.jspecify.annotations.NullMarked;
