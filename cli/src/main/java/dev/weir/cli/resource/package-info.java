// SPDX-License-Identifier: Apache-2.0

/// Commands that read and write resources.
@NullMarked
package dev.weir.cli.resource;

import org.jspecify.annotations.NullMarked;
