// SPDX-License-Identifier: Apache-2.0

/// YAML and JSON text become one small tree with the surprises taken out: limits on size, depth and
/// aliases, no tags, no duplicate keys, numbers kept as they were written.
@NullMarked
package dev.weir.model.tree;

import org.jspecify.annotations.NullMarked;
