// SPDX-License-Identifier: Apache-2.0

/// Replicas with every kind of fault, and clients that check each answer byte for byte.
@NullMarked
package dev.weir.trials.faults;

import org.jspecify.annotations.NullMarked;
