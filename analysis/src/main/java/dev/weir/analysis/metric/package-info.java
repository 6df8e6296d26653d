// SPDX-License-Identifier: Apache-2.0

/// The release metrics and the observations that they evaluate.
@NullMarked
package dev.weir.analysis.metric;

import org.jspecify.annotations.NullMarked;
