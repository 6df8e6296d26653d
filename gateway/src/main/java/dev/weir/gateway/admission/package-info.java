// SPDX-License-Identifier: Apache-2.0

/// What a caller asks of the gateway itself, in `x-weir-*` headers: checked before anything is
/// chosen. Rate, quota and shedding will stand here.
@NullMarked
package dev.weir.gateway.admission;

import org.jspecify.annotations.NullMarked;
