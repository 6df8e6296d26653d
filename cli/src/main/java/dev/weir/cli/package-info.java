// SPDX-License-Identifier: Apache-2.0

/// The `weir` command: parses arguments, calls the client, and prints results for people or
/// programs.
///
/// [WeirCli] lists the commands and maps results to exit statuses. A command is one small class
/// that receives a [CommandSession]: the control plane client and the output. `dev.weir.cli.text`
/// formats human-readable output.
@NullMarked
package dev.weir.cli;

import org.jspecify.annotations.NullMarked;
