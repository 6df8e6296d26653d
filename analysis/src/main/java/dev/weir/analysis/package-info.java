// SPDX-License-Identifier: Apache-2.0

/// Pure statistics: sequential tests, verdicts and the evidence behind them.
@NullMarked
package dev.weir.analysis;

import org.jspecify.annotations.NullMarked;
