// SPDX-License-Identifier: Apache-2.0

/// Orders of operators about single replicas: [dev.weir.control.operations.OrderRules] says what an
/// order means for what stands, [dev.weir.control.operations.ReplicaDesk] takes it, and
/// [dev.weir.control.operations.OrderKeeper] ends orders that are fulfilled or about nothing any
/// more. What follows from a standing order for routing and processes is decided where all other
/// places are: in `deployment`.
@NullMarked
package dev.weir.control.operations;

import org.jspecify.annotations.NullMarked;
