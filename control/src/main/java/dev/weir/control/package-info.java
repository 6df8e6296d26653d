// SPDX-License-Identifier: Apache-2.0

/// Decides whether a caller may make a change, whether it is valid, what must happen next, and
/// which snapshot follows.
@NullMarked
package dev.weir.control;

import org.jspecify.annotations.NullMarked;
