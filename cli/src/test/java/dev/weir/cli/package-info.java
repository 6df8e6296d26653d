// SPDX-License-Identifier: Apache-2.0

/// Tests of the weir command against a fake control plane.
@NullMarked
package dev.weir.cli;

import org.jspecify.annotations.NullMarked;
