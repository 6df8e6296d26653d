// SPDX-License-Identifier: Apache-2.0

/// Tests that are specific to the SQLite store.
@NullMarked
package dev.weir.store.sqlite;

import org.jspecify.annotations.NullMarked;
