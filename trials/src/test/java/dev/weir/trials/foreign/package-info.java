// SPDX-License-Identifier: Apache-2.0

/// A model server that was written without regard to Weir, in Node.js, and clients that check each
/// byte of its answers.
@NullMarked
package dev.weir.trials.foreign;

import org.jspecify.annotations.NullMarked;
