// SPDX-License-Identifier: Apache-2.0

/// Makes a replica exist and says truthfully what it sees: the provider contract and its process
/// and external providers.
@NullMarked
package dev.weir.runtime;

import org.jspecify.annotations.NullMarked;
