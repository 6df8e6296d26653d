// SPDX-License-Identifier: Apache-2.0

/// Targets of a coverage-guided fuzzer: the gateway's readers of untrusted bytes. Each target reads
/// its input whole and in two pieces, and both results must be equal.
@NullMarked
package dev.weir.trials.coverage;

import org.jspecify.annotations.NullMarked;
