// SPDX-License-Identifier: Apache-2.0

/// Tests of `.publication`.
@NullMarked
package dev.weir.control.publication;

import org.jspecify.annotations.NullMarked;
