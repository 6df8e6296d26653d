// SPDX-License-Identifier: Apache-2.0
/// What must hold between resources, as pure functions over a read view; all problems at once.
@NullMarked
package dev.weir.control.validation;

import org.jspecify.annotations.NullMarked;
