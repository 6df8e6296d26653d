// SPDX-License-Identifier: Apache-2.0

/// Reads YAML and JSON into one small tree, with limits on size, depth and aliases, without tags
/// and duplicate keys, and with numbers as they were written.
@NullMarked
package dev.weir.model.tree;

import org.jspecify.annotations.NullMarked;
