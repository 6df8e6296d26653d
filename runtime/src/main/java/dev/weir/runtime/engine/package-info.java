// SPDX-License-Identifier: Apache-2.0

/// What Weir knows about engine types: where each type reports its health, version and load, under
/// the names of all its versions. Contains only descriptions and readers; package `probe` calls the
/// engines.
@NullMarked
package dev.weir.runtime.engine;

import org.jspecify.annotations.NullMarked;
