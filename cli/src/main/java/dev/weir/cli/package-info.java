// SPDX-License-Identifier: Apache-2.0

/// The weir command: parse, call the client, print for people or machines.
///
/// `WeirCli` is the list of commands and how each ending becomes an exit status. A command is one
/// small class that gets a `Session`: where the control plane is, and how to print. What is printed
/// for people is made in `dev.weir.cli.text`.
@NullMarked
package dev.weir.cli;

import org.jspecify.annotations.NullMarked;
