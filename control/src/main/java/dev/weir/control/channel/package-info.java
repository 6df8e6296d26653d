// SPDX-License-Identifier: Apache-2.0

/// Message formats and transports for each type of AlertChannel. Independent of the source of
/// alerts.
@NullMarked
package dev.weir.control.channel;

import org.jspecify.annotations.NullMarked;
