// SPDX-License-Identifier: Apache-2.0

/// Stores resources by revision, writes each change together with its audit entry in one SQL
/// transaction, and provides watchers with the changes after a revision.
@NullMarked
package dev.weir.store;

import org.jspecify.annotations.NullMarked;
