// SPDX-License-Identifier: Apache-2.0

/// Admission, before a replica is chosen: the client's options in `x-weir-*` headers
/// ([RequestOptions]), the limits of keys, tenants and services ([Limiter]), which grant a [Permit]
/// that ends once, and the concurrency slots of each service with their queue ([AdmissionQueues]).
@NullMarked
package dev.weir.gateway.admission;

import org.jspecify.annotations.NullMarked;
