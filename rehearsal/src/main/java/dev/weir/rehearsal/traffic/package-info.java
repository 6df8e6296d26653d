// SPDX-License-Identifier: Apache-2.0

/// `weir traffic`: plays generated requests to one Service through a gateway and reports what the
/// clients see.
@NullMarked
package dev.weir.rehearsal.traffic;

import org.jspecify.annotations.NullMarked;
