// SPDX-License-Identifier: Apache-2.0

/// The work queue of the control plane: its keys, one run per key at a time, and backoff for each
/// failing key.
@NullMarked
package dev.weir.control.reconcile;

import org.jspecify.annotations.NullMarked;
