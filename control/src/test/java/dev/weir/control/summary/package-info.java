// SPDX-License-Identifier: Apache-2.0

/// Tests of `.summary`.
@NullMarked
package dev.weir.control.summary;

import org.jspecify.annotations.NullMarked;
