// SPDX-License-Identifier: Apache-2.0

/// Tests of `.policy`.
@NullMarked
package dev.weir.control.policy;

import org.jspecify.annotations.NullMarked;
