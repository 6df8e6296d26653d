// SPDX-License-Identifier: Apache-2.0

/// Every metric that Weir shows, declared once for both planes: name, unit, meaning and labels.
/// They register meters by these declarations only, and `docs/metrics.md` is written from them.
@NullMarked
package dev.weir.snapshot.metric;

import org.jspecify.annotations.NullMarked;
