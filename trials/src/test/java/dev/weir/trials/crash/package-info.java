// SPDX-License-Identifier: Apache-2.0

/// Parts of trial `crash`: a control plane that kills itself at a named point, clients that must
/// see no failure, and an observer of every snapshot.
@NullMarked
package dev.weir.trials.crash;

import org.jspecify.annotations.NullMarked;
