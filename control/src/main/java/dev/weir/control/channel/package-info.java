// SPDX-License-Identifier: Apache-2.0

/// How alerts are told to others: what an AlertChannel of each type is sent, and the ways there.
/// Knows nothing of where alerts come from.
@NullMarked
package dev.weir.control.channel;

import org.jspecify.annotations.NullMarked;
