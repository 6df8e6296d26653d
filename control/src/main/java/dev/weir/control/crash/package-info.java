// SPDX-License-Identifier: Apache-2.0

/// The instants at which the control plane may be killed, by name: the catalogue that its crash
/// tests go through, and the hook that they hang on. In production the hook does nothing.
@NullMarked
package dev.weir.control.crash;

import org.jspecify.annotations.NullMarked;
