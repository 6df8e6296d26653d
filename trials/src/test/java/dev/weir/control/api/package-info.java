// SPDX-License-Identifier: Apache-2.0

/// Access for the reference pages to package-private parts of this package.
@NullMarked
package dev.weir.control.api;

import org.jspecify.annotations.NullMarked;
