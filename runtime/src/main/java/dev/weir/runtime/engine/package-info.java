// SPDX-License-Identifier: Apache-2.0

/// What Weir knows of the engines that it meets: where each type says that it is well, which
/// version it is and how busy, under the names of all its versions. Pure descriptions and readers;
/// who calls the engines is package `probe`.
@NullMarked
package dev.weir.runtime.engine;

import org.jspecify.annotations.NullMarked;
