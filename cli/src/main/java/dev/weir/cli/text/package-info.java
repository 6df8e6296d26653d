// SPDX-License-Identifier: Apache-2.0

/// What people read: tables, diffs, evidence, as pure functions from values to text. Text that came
/// over the wire is cleaned of control characters here, so that it cannot steer a terminal.
@NullMarked
package dev.weir.cli.text;

import org.jspecify.annotations.NullMarked;
