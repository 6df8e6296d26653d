// SPDX-License-Identifier: Apache-2.0

/// What the crash trial is made of beside its script: a control plane that kills itself at a named
/// place, the clients that must not notice, and the gateway's view of every snapshot.
@NullMarked
package dev.weir.trials.crash;

import org.jspecify.annotations.NullMarked;
