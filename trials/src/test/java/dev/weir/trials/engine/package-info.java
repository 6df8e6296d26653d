// SPDX-License-Identifier: Apache-2.0

/// A real engine for trials: llama.cpp with a small real model.
@NullMarked
package dev.weir.trials.engine;

import org.jspecify.annotations.NullMarked;
