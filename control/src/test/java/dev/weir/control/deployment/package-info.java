// SPDX-License-Identifier: Apache-2.0

/// Tests of `.deployment`.
@NullMarked
package dev.weir.control.deployment;

import org.jspecify.annotations.NullMarked;
