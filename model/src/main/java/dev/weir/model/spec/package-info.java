// SPDX-License-Identifier: Apache-2.0

/// The desired state of each resource kind. Users write it; Weir never changes it.
@NullMarked
package dev.weir.model.spec;

import org.jspecify.annotations.NullMarked;
