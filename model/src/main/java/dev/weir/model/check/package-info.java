// SPDX-License-Identifier: Apache-2.0

/// Constraints inside one resource: ranges of fields and constraints between fields, as pure
/// functions that return all problems at once. They do not check whether references exist.
@NullMarked
package dev.weir.model.check;

import org.jspecify.annotations.NullMarked;
