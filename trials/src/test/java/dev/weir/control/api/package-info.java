// SPDX-License-Identifier: Apache-2.0

/// What the reference pages read of this package, which does not publish it.
@NullMarked
package dev.weir.control.api;

import org.jspecify.annotations.NullMarked;
