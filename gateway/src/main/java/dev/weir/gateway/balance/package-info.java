// SPDX-License-Identifier: Apache-2.0

/// Which replica: filter, compare, pick. Fewest requests in flight from this gateway; ties by
/// chance.
@NullMarked
package dev.weir.gateway.balance;

import org.jspecify.annotations.NullMarked;
