// SPDX-License-Identifier: Apache-2.0
/// Rules between resources, as pure functions over a read view. All problems are reported at once.
@NullMarked
package dev.weir.control.validation;

import org.jspecify.annotations.NullMarked;
