// SPDX-License-Identifier: Apache-2.0

/// A keyed queue that runs one piece of work per key at a time, woken by tick or notification, with
/// back-off per failing key. Knows no kind of resource.
@NullMarked
package dev.weir.control.reconcile;

import org.jspecify.annotations.NullMarked;
