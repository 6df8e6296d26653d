// SPDX-License-Identifier: Apache-2.0

/// Human-readable output (tables, diffs, evidence) as pure functions from values to text. This
/// package removes control characters from text that came over the network, so that it cannot
/// control a terminal.
@NullMarked
package dev.weir.cli.text;

import org.jspecify.annotations.NullMarked;
