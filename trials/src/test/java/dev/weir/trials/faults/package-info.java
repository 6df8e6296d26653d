// SPDX-License-Identifier: Apache-2.0

/// Replicas that fail in every way a replica can, and clients that check each answer byte for byte.
@NullMarked
package dev.weir.trials.faults;

import org.jspecify.annotations.NullMarked;
