// SPDX-License-Identifier: Apache-2.0

/// Fault injection: selects the attempts that get a fault configured by an operator.
@NullMarked
package dev.weir.gateway.fault;

import org.jspecify.annotations.NullMarked;
