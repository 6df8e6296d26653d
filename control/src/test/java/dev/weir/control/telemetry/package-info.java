// SPDX-License-Identifier: Apache-2.0

/// Tests of `.telemetry`.
@NullMarked
package dev.weir.control.telemetry;

import org.jspecify.annotations.NullMarked;
