// SPDX-License-Identifier: Apache-2.0

/// Which attempts get a fault that an operator injects on purpose.
@NullMarked
package dev.weir.gateway.fault;

import org.jspecify.annotations.NullMarked;
