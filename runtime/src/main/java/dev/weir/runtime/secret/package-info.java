// SPDX-License-Identifier: Apache-2.0

/// Secrets by reference.
@NullMarked
package dev.weir.runtime.secret;

import org.jspecify.annotations.NullMarked;
