// SPDX-License-Identifier: Apache-2.0

/// Who is let in, before anything is chosen: what a caller asks of the gateway itself in `x-weir-*`
/// headers ([Wishes]), and limits of keys, tenants and services ([Limiter]), which answer with a
/// [Permit] that ends once.
@NullMarked
package dev.weir.gateway.admission;

import org.jspecify.annotations.NullMarked;
