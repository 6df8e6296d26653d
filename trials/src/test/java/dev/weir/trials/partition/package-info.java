// SPDX-License-Identifier: Apache-2.0

/// Links that fail on purpose, and clients that write down what they saw.
@NullMarked
package dev.weir.trials.partition;

import org.jspecify.annotations.NullMarked;
