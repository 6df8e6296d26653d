// SPDX-License-Identifier: Apache-2.0

/// The settings of Weir: environment, file, command line, and their checks.
@NullMarked
package dev.weir.server.configuration;

import org.jspecify.annotations.NullMarked;
