// SPDX-License-Identifier: Apache-2.0

/// The declarations of all metrics for both planes: name, unit, meaning and labels. Meters can only
/// be registered through them, and `docs/reference/metrics.md` is generated from them.
@NullMarked
package dev.weir.snapshot.metric;

import org.jspecify.annotations.NullMarked;
