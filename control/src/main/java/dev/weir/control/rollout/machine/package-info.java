// SPDX-License-Identifier: Apache-2.0

/// The state machine of a rollout. It takes facts and returns decisions; it reads and writes
/// nothing.
@NullMarked
package dev.weir.control.rollout.machine;

import org.jspecify.annotations.NullMarked;
