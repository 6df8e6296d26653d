// SPDX-License-Identifier: Apache-2.0

/// What the reference pages read of this package, which does not publish it.
@NullMarked
package dev.weir.model.codec;

import org.jspecify.annotations.NullMarked;
