// SPDX-License-Identifier: Apache-2.0

/// Tests of probes.
@NullMarked
package dev.weir.runtime.probe;

import org.jspecify.annotations.NullMarked;
