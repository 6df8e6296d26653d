// SPDX-License-Identifier: Apache-2.0

/// Immutable records for every resource, its spec and observed status, for the views of the API,
/// and for problems reported to users.
@NullMarked
package dev.weir.model;

import org.jspecify.annotations.NullMarked;
