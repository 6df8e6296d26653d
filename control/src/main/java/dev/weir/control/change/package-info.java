// SPDX-License-Identifier: Apache-2.0

/// Changes of stored resources. Every change is a value, and one executor checks and commits it.
@NullMarked
package dev.weir.control.change;

import org.jspecify.annotations.NullMarked;
