// SPDX-License-Identifier: Apache-2.0

/// Tests of `.question`.
@NullMarked
package dev.weir.control.question;

import org.jspecify.annotations.NullMarked;
