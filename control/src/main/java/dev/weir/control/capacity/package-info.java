// SPDX-License-Identifier: Apache-2.0
/// Whether a release finds room, where, and what that costs: counted from what is wanted, not from
/// what runs, so that the answer is the same before and after a crash. Pure.
@NullMarked
package dev.weir.control.capacity;

import org.jspecify.annotations.NullMarked;
