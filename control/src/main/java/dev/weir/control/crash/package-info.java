// SPDX-License-Identifier: Apache-2.0

/// Named instants at which the control plane may be killed: the catalogue that the crash tests
/// iterate over, and the hook that they use. In production the hook does nothing.
@NullMarked
package dev.weir.control.crash;

import org.jspecify.annotations.NullMarked;
