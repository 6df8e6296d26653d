// SPDX-License-Identifier: Apache-2.0

/// Who is let in, before anything is chosen: what a caller asks of the gateway itself in `x-weir-*`
/// headers ([Wishes]), and limits of keys, tenants and services ([Limiter]), which give a [Permit]
/// that ends once, and the places of each service with those who wait for one ([Rooms]).
@NullMarked
package dev.weir.gateway.admission;

import org.jspecify.annotations.NullMarked;
