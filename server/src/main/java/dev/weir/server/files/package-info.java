// SPDX-License-Identifier: Apache-2.0

/// The files that Weir writes: data folder, ready file, rotated logs, audit witness.
@NullMarked
package dev.weir.server.files;

import org.jspecify.annotations.NullMarked;
