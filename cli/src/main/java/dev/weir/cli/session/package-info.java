// SPDX-License-Identifier: Apache-2.0

/// What every command uses: the session, output, exit codes, contexts and global options.
@NullMarked
package dev.weir.cli.session;

import org.jspecify.annotations.NullMarked;
