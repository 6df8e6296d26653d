// SPDX-License-Identifier: Apache-2.0

/// Chooses the version: matches the model name, weighs the backends, draws the arm, and remembers
/// sessions. Weight 0 means no requests.
@NullMarked
package dev.weir.gateway.route;

import org.jspecify.annotations.NullMarked;
