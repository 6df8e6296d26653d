// SPDX-License-Identifier: Apache-2.0

/// How a gateway hears from a control plane in another process
/// ([dev.weir.gateway.link.HttpControlLink]), and the loop that keeps any link alive and feeds what
/// it brings to the picture and the disk ([dev.weir.gateway.link.SnapshotFeed]).
@NullMarked
package dev.weir.gateway.link;

import org.jspecify.annotations.NullMarked;
