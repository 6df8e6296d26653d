// SPDX-License-Identifier: Apache-2.0

/// Tests of the external provider.
@NullMarked
package dev.weir.runtime.external;

import org.jspecify.annotations.NullMarked;
