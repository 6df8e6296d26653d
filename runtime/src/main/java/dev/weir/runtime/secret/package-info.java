// SPDX-License-Identifier: Apache-2.0

/// Resolves references to secrets.
@NullMarked
package dev.weir.runtime.secret;

import org.jspecify.annotations.NullMarked;
