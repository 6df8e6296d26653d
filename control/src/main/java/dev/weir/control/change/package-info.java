// SPDX-License-Identifier: Apache-2.0

/// The one door for changes: every mutation is a value that goes through one executor.
@NullMarked
package dev.weir.control.change;

import org.jspecify.annotations.NullMarked;
