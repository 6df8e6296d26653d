// SPDX-License-Identifier: Apache-2.0

/// The weir command: parse, call the client, print for people or machines.
@NullMarked
package dev.weir.cli;

import org.jspecify.annotations.NullMarked;
