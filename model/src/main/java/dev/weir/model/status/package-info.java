// SPDX-License-Identifier: Apache-2.0

/// The state of each resource kind that Weir stores.
@NullMarked
package dev.weir.model.status;

import org.jspecify.annotations.NullMarked;
