// SPDX-License-Identifier: Apache-2.0

/// The gateway's connection to a control plane in another process
/// ([dev.weir.gateway.link.HttpControlLink]).
@NullMarked
package dev.weir.gateway.link;

import org.jspecify.annotations.NullMarked;
