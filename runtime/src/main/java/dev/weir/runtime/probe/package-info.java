// SPDX-License-Identifier: Apache-2.0

/// Asks an engine over HTTP how it is: a cheap health call, and a real generation, which is the
/// only thing that shows that it can do its work.
@NullMarked
package dev.weir.runtime.probe;

import org.jspecify.annotations.NullMarked;
