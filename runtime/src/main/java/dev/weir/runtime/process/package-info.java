// SPDX-License-Identifier: Apache-2.0

/// Replicas as processes on this machine (Linux: `/proc`, `setsid`, `sh`). [ProcessProvider] is the
/// entry point. A crash of Weir at any instruction must not lose a child: [ReplicaFolder] stores
/// the record before the spawn, the wrapper of [Launcher] writes its pid file before it becomes the
/// engine, and [ProcessAdoption] finds every child again.
@NullMarked
package dev.weir.runtime.process;

import org.jspecify.annotations.NullMarked;
