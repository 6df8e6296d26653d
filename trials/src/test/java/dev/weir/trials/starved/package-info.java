// SPDX-License-Identifier: Apache-2.0
/// What trial `starved` takes CPU away with, and the clients and the engine that have enough of it.
@NullMarked
package dev.weir.trials.starved;

import org.jspecify.annotations.NullMarked;
