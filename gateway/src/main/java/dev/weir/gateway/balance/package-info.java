// SPDX-License-Identifier: Apache-2.0

/// Load balancing: filters, compares and picks replicas. Picks the fewest requests in flight from
/// this gateway among those with the best [ReplicaAvailability]; ties are broken randomly. A
/// replica's [PassiveHealth] follows from the results of its attempts.
@NullMarked
package dev.weir.gateway.balance;

import org.jspecify.annotations.NullMarked;
