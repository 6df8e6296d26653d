// SPDX-License-Identifier: Apache-2.0

/// A model server in Node.js that shares no code with Weir, and clients that check each byte of its
/// answers.
@NullMarked
package dev.weir.trials.foreign;

import org.jspecify.annotations.NullMarked;
