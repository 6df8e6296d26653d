// SPDX-License-Identifier: Apache-2.0

/// The reference pages, generated from the sources, and the checks of everything that the
/// documentation claims about commands, manifests, paths and names.
@NullMarked
package dev.weir.trials.docs;

import org.jspecify.annotations.NullMarked;
