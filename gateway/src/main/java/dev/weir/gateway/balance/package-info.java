// SPDX-License-Identifier: Apache-2.0

/// Which replica: filter, compare, pick. Fewest requests in flight from this gateway among those in
/// the best [Standing][dev.weir.gateway.balance.Standing]; ties by chance. A replica's
/// [Health][dev.weir.gateway.balance.Health] follows from how attempts at it end.
@NullMarked
package dev.weir.gateway.balance;

import org.jspecify.annotations.NullMarked;
