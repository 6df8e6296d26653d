// SPDX-License-Identifier: Apache-2.0

/// What a coverage-guided fuzzer is let loose on: the gateway's readers of bytes that strangers
/// write. Each reads its input twice, whole and in two pieces, and must come to the same.
@NullMarked
package dev.weir.trials.coverage;

import org.jspecify.annotations.NullMarked;
