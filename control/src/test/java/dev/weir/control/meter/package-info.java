// SPDX-License-Identifier: Apache-2.0

/// Tests of `.meter`.
@NullMarked
package dev.weir.control.meter;

import org.jspecify.annotations.NullMarked;
