// SPDX-License-Identifier: Apache-2.0

/// Tests of the weir command, against a control plane that says what it was told to.
@NullMarked
package dev.weir.cli;

import org.jspecify.annotations.NullMarked;
