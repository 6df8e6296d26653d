// SPDX-License-Identifier: Apache-2.0

/// Keeps resources by revision, writes each change together with its audit entry in one SQL
/// transaction, and tells watchers what came after revision N.
@NullMarked
package dev.weir.store;

import org.jspecify.annotations.NullMarked;
