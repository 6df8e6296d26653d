// SPDX-License-Identifier: Apache-2.0

/// Orders of operators for single replicas, and injected faults.
/// [dev.weir.control.operations.ReplicaCommandHandler] receives an order,
/// [dev.weir.control.operations.OrderRules] decides on it, and
/// [dev.weir.control.operations.OrderReconciler] ends completed orders. Package `deployment`
/// applies active orders to routing and processes.
@NullMarked
package dev.weir.control.operations;

import org.jspecify.annotations.NullMarked;
