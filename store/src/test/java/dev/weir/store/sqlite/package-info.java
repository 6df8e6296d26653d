// SPDX-License-Identifier: Apache-2.0

/// What is particular to the store on SQLite.
@NullMarked
package dev.weir.store.sqlite;

import org.jspecify.annotations.NullMarked;
