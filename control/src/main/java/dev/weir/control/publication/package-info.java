// SPDX-License-Identifier: Apache-2.0

/// Compiles resources at a revision and Ready replicas into the routing snapshot (pure, validated,
/// printable), numbers it and sends it to gateways.
@NullMarked
package dev.weir.control.publication;

import org.jspecify.annotations.NullMarked;
