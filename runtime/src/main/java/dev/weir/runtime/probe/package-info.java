// SPDX-License-Identifier: Apache-2.0

/// Probes engines over HTTP with a cheap health call and with a generation, which is the only proof
/// that an engine works.
@NullMarked
package dev.weir.runtime.probe;

import org.jspecify.annotations.NullMarked;
