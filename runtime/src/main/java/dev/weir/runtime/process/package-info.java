// SPDX-License-Identifier: Apache-2.0

/// Replicas as processes of this machine (Linux: `/proc`, `setsid`, `sh`). [ProcessProvider] is the
/// door. What a kill of Weir between any two instructions must not lose is written before the spawn
/// (`Records`), and the wrapper that becomes the engine writes down who it is (`Launcher`), so that
/// `Adoption` finds every child again.
@NullMarked
package dev.weir.runtime.process;

import org.jspecify.annotations.NullMarked;
