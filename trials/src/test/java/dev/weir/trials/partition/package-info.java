// SPDX-License-Identifier: Apache-2.0

/// Parts of trial `partition`: links that fail on purpose, and clients that record every request.
@NullMarked
package dev.weir.trials.partition;

import org.jspecify.annotations.NullMarked;
