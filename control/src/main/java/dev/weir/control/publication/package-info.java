// SPDX-License-Identifier: Apache-2.0

/// Compiles resources at revision R and the replicas that are Ready into the snapshot gateways
/// serve from (pure, validated, printable), numbers it, and hands it to them.
@NullMarked
package dev.weir.control.publication;

import org.jspecify.annotations.NullMarked;
