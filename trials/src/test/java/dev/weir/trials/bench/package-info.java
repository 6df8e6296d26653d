// SPDX-License-Identifier: Apache-2.0

/// Measurements that `./dev bench` prints.
@NullMarked
package dev.weir.trials.bench;

import org.jspecify.annotations.NullMarked;
