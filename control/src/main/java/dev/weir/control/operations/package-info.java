// SPDX-License-Identifier: Apache-2.0

/// Operators' commands to single replicas, and injected faults.
/// [dev.weir.control.operations.OrderRules] checks a command,
/// [dev.weir.control.operations.ReplicaCommandHandler] stores it as an order, and
/// [dev.weir.control.operations.FinishedOrders] finds orders that are complete. `deployment`
/// decides the effect of an order on routing and processes.
@NullMarked
package dev.weir.control.operations;

import org.jspecify.annotations.NullMarked;
