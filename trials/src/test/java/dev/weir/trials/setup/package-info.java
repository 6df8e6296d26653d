// SPDX-License-Identifier: Apache-2.0
/// The set-up that trials share: Weir as processes, manifests, clients that send traffic, polling
/// with a deadline, and readers of replicas, streams and metrics.
@NullMarked
package dev.weir.trials.setup;

import org.jspecify.annotations.NullMarked;
