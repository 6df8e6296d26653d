// SPDX-License-Identifier: Apache-2.0

/// Tests of `.rollout`.
@NullMarked
package dev.weir.control.rollout;

import org.jspecify.annotations.NullMarked;
