// SPDX-License-Identifier: Apache-2.0

/// Tests of printed texts.
@NullMarked
package dev.weir.cli.text;

import org.jspecify.annotations.NullMarked;
